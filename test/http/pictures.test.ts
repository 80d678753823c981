/** What the API tells for pictures: parts of the ring, and jobs that workers have in hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HttpRig } from "./http-rig.ts";

interface Ring {
  nodes: { nodeId: string; share: number | null }[];
  slices: number[];
  position: number | null;
}

interface Worker {
  isWorker: boolean;
  jobsTaken: number;
  jobsSettled: number;
  tookSecondsAgo: number | null;
}

test("the ring comes in equal slices with their owners, and says where a key lies", async (t) => {
  const rig = new HttpRig(t);
  const ring = (await rig.get("/api/ring")).json as Ring;
  assert.equal(ring.slices.length, 180);
  assert.ok(ring.slices.every((owner) => ring.nodes[owner]?.share === 1));
  assert.equal(ring.position, null);
  const positions = new Set<number>();
  for (const key of ["a", "b", "c"]) {
    const { position, nodes } = (await rig.get(`/api/ring?key=${key}`)).json as Ring;
    assert.ok(position !== null && position >= 0 && position < 1);
    assert.equal(nodes.length, 1);
    positions.add(position);
  }
  assert.equal(positions.size, 3);
});

test("of a worker it is known how many jobs it took and settled", async (t) => {
  const rig = new HttpRig(t);
  await rig
    .client()
    .send(["ADDJOB", "q", "x", "0"], ["ADDJOB", "q", "y", "0"], ["ADDJOB", "q", "z", "0"]);
  const { jobs } = (await rig.get("/api/queues/q/jobs")).json as { jobs: { id: string }[] };
  const ids = jobs.map(({ id }) => id);
  const worker = rig.client();
  await worker.send(["GETJOB", "COUNT", "3", "FROM", "q"]);
  await worker.send(["ACKJOB", ids[0] ?? ""], ["NACK", ids[1] ?? ""], ["PING"]);
  const { clients } = (await rig.get("/api/clients")).json as { clients: Worker[] };
  const found = clients.filter(({ isWorker }) => isWorker);
  assert.deepEqual(
    found.map(({ jobsTaken, jobsSettled }) => [jobsTaken, jobsSettled]),
    [[3, 2]],
  );
  assert.equal(found[0]?.tookSecondsAgo, 0);
});
