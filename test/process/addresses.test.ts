/** Nodes behind gateways: each is reached at another address than it listens on, and some by name. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { atEnd } from "../support/cleanup.ts";
import { eventually } from "../support/eventually.ts";
import { serverPath } from "../support/programs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { NetworkSpaces, outsideAddress, whyNoNetworks } from "./network-spaces.ts";
import { RawClient } from "./raw-client.ts";

const INSIDE_PORT = 7711;
const INSIDE_BUS_PORT = 17_711;
const NAMES = { "one.ringq.test": outsideAddress(1), "two.ringq.test": outsideAddress(2) };
/** What each node says of itself; the third one has no name. */
const ANNOUNCED = ["", ...Object.keys(NAMES), outsideAddress(3)];
const MACHINES = [1, 2, 3];
const deadlineMs = 20_000;

const portOf = (i: number): number => 20_000 + i;
const busPortOf = (i: number): number => 30_000 + i;
const seeds = MACHINES.map((i) => `${ANNOUNCED[i]}:${portOf(i)}@${busPortOf(i)}`);

/** Starts the node of machine `i` in its folder, which also has its socket for the test. */
async function start(t: TestContext, spaces: NetworkSpaces, i: number, dir: string) {
  const settings = {
    ...{ dir, bind: "0.0.0.0", port: INSIDE_PORT, unixsocket: join(dir, "socket") },
    ...{ "announce-ip": ANNOUNCED[i], "announce-port": portOf(i), "warm-up-ms": 0 },
    ...{ "announce-cluster-port": busPortOf(i), "cluster-node-timeout": 2000, appendonly: "yes" },
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const command = [process.execPath, serverPath, ...flags, "--cluster-seeds", ...seeds];
  const server = spaces.run(i, command, { RINGQ_CONF_CLUSTER_SECRET: "between-these-three" });
  atEnd(t, () => void server.kill("SIGKILL"));
  let client: RawClient | undefined;
  const path = join(dir, "socket");
  const connects = async (): Promise<boolean> => {
    client = await RawClient.connect(t, { path }).catch(() => undefined);
    return client !== undefined;
  };
  await eventually(connects, { what: `node ${i} listens`, deadlineMs });
  assert.ok(client);
  return { server, client };
}

async function kill(server: ChildProcess): Promise<void> {
  server.kill("SIGKILL");
  await once(server, "exit");
}

/** The nodes as one of them sees them: announced addresses of those that are linked. */
async function linked(client: RawClient): Promise<string[]> {
  const lines = String(await client.call("CLUSTER", "NODES"))
    .trim()
    .split("\n");
  const isLinked = (line: string): boolean => /myself|\bconnected\b/.test(line);
  return lines
    .filter(isLinked)
    .map((line) => line.split(" ")[1] ?? "")
    .sort();
}

test("nodes behind gateways find one another, share jobs, and one comes back from elsewhere", {
  skip: whyNoNetworks() ?? false,
}, async (t) => {
  const spaces = new NetworkSpaces(t, MACHINES.length, NAMES);
  const ports = (i: number) => ({ [portOf(i)]: INSIDE_PORT, [busPortOf(i)]: INSIDE_BUS_PORT });
  for (const i of MACHINES) spaces.move(i, `10.99.${i}.2`, ports(i));
  const dirs = await Promise.all(MACHINES.map(() => tempDir(t)));
  const [one, two, three] = await Promise.all(
    MACHINES.map((i) => start(t, spaces, i, dirs[i - 1] ?? "")),
  );
  assert.ok(one && two && three);
  const all = MACHINES.map((i) => `${ANNOUNCED[i]}:${portOf(i)}`).sort();
  const isWhole = async (client: RawClient): Promise<boolean> =>
    String(await linked(client)) === String(all);
  for (const { client } of [one, two, three]) {
    await eventually(() => isWhole(client), { what: "it is linked to both others", deadlineMs });
  }
  const id = String(await one.client.call("ADDJOB", "q", "first", 5000, "REPLICATE", 3));
  assert.match(id, /^D-/);
  assert.ok(Array.isArray(await three.client.call("SHOW", id)));

  await kill(two.server);
  spaces.move(2, "10.99.2.77", ports(2));
  const again = await start(t, spaces, 2, dirs[1] ?? "");
  for (const { client } of [one, again, three]) {
    await eventually(() => isWhole(client), {
      what: "it is linked to the one that moved",
      deadlineMs,
    });
  }
  assert.ok(Array.isArray(await again.client.call("SHOW", id)));
  assert.match(String(await again.client.call("ADDJOB", "q", "x", 5000, "REPLICATE", 3)), /^D-/);
});
