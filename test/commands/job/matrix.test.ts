/**
 * Every command that takes job ids against a job in every situation: what is answered the first time
 * and the second, and what the job is like afterwards.
 *
 * Jobs have TTL 1000, RETRY 100 or 0, DELAY 50. The state is written as `stateOf` gives it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeClient } from "../../support/fake-client.ts";
import { FakeServer } from "../../support/fake-server.ts";
import { addAndTake, addJob, stateOf, UNKNOWN_ID } from "./steps.ts";

const OFTEN = ["TTL", 1000, "RETRY", 100];
const ONCE = ["TTL", 1000, "RETRY", 0];

/** How a job comes into each situation; the result is its id. */
const situations: Record<string, (client: FakeClient, server: FakeServer) => string> = {
  unknown: () => UNKNOWN_ID,
  delayed: (client) => addJob(client, "q", "b", ...OFTEN, "DELAY", 50),
  queued: (client) => addJob(client, "q", "b", ...OFTEN),
  delivered: (client) => addAndTake(client, "q", ...OFTEN),
  dequeued: (client) => {
    const id = addJob(client, "q", "b", ...OFTEN);
    client.send("DEQUEUE", id);
    return id;
  },
  "held, never delivered": (client, server) => {
    const id = addJob(client, "q", "b", ...OFTEN, "DELAY", 50);
    client.send("PAUSE", "q", "in");
    server.advance(50_000);
    return id;
  },
  "held, delivered": (client) => {
    const id = addAndTake(client, "q", ...OFTEN);
    client.send("PAUSE", "q", "in");
    client.send("NACK", id);
    return id;
  },
  "once, delayed": (client) => addJob(client, "q", "b", ...ONCE, "DELAY", 50),
  "once, queued": (client) => addJob(client, "q", "b", ...ONCE),
  "once, delivered": (client) => addAndTake(client, "q", ...ONCE),
  "once, dequeued": (client) => {
    const id = addJob(client, "q", "b", ...ONCE);
    client.send("DEQUEUE", id);
    return id;
  },
  "once, held": (client, server) => {
    const id = addJob(client, "q", "b", ...ONCE, "DELAY", 50);
    client.send("PAUSE", "q", "in");
    server.advance(50_000);
    return id;
  },
  expired: (client, server) => {
    const id = addAndTake(client, "q", ...OFTEN);
    server.advance(1_000_000);
    return id;
  },
};

/** First reply, second reply, state afterwards; ACKJOB, FASTACK and DELJOB are the same on one node. */
const expected: Record<string, Record<string, string>> = {
  unknown: {
    remove: ":0 :0 gone",
    ENQUEUE: ":0 :0 gone",
    NACK: ":0 :0 gone",
    DEQUEUE: ":0 :0 gone",
    WORKING: "-NOJOB -NOJOB gone",
  },
  delayed: {
    remove: ":1 :0 gone",
    ENQUEUE: ":1 :0 queued 0/0 in 100000",
    NACK: ":1 :0 queued 1/0 in 100000",
    DEQUEUE: ":0 :0 active 0/0 in 50000",
    WORKING: ":100 :100 active 0/0 in 100000",
  },
  queued: {
    remove: ":1 :0 gone",
    ENQUEUE: ":0 :0 queued 0/0 in 100000",
    NACK: ":0 :0 queued 0/0 in 100000",
    DEQUEUE: ":1 :0 active 0/0 in 100000",
    WORKING: ":100 :100 active 0/0 in 100000",
  },
  delivered: {
    remove: ":1 :0 gone",
    ENQUEUE: ":1 :0 queued 0/1 in 100000",
    NACK: ":1 :0 queued 1/0 in 100000",
    DEQUEUE: ":0 :0 active 0/0 in 100000",
    WORKING: ":100 :100 active 0/0 in 100000",
  },
  dequeued: {
    remove: ":1 :0 gone",
    ENQUEUE: ":1 :0 queued 0/1 in 100000",
    NACK: ":1 :0 queued 1/0 in 100000",
    DEQUEUE: ":0 :0 active 0/0 in 100000",
    WORKING: ":100 :100 active 0/0 in 100000",
  },
  "held, never delivered": {
    remove: ":1 :0 gone",
    ENQUEUE: ":0 :0 active 0/0 in 0",
    NACK: ":0 :0 active 0/0 in 0",
    DEQUEUE: ":0 :0 active 0/0 in 0",
    WORKING: ":100 :100 active 0/0 in 100000",
  },
  "held, delivered": {
    remove: ":1 :0 gone",
    ENQUEUE: ":0 :0 active 1/0 in 0",
    NACK: ":0 :0 active 1/0 in 0",
    DEQUEUE: ":0 :0 active 1/0 in 0",
    WORKING: ":100 :100 active 1/0 in 100000",
  },
  "once, delayed": {
    remove: ":1 :0 gone",
    ENQUEUE: ":1 :0 queued 0/0 never",
    NACK: ":1 :0 queued 1/0 never",
    DEQUEUE: ":0 :0 active 0/0 in 50000",
    WORKING: ":0 :0 active 0/0 in 50000",
  },
  "once, queued": {
    remove: ":1 :0 gone",
    ENQUEUE: ":0 :0 queued 0/0 never",
    NACK: ":0 :0 queued 0/0 never",
    DEQUEUE: ":1 :0 active 0/0 never",
    WORKING: ":0 :0 queued 0/0 never",
  },
  "once, delivered": {
    remove: ":1 :0 gone",
    ENQUEUE: ":0 :0 active 0/0 never",
    NACK: ":0 :0 active 0/0 never",
    DEQUEUE: ":0 :0 active 0/0 never",
    WORKING: ":0 :0 active 0/0 never",
  },
  "once, dequeued": {
    remove: ":1 :0 gone",
    ENQUEUE: ":1 :0 queued 0/1 never",
    NACK: ":1 :0 queued 1/0 never",
    DEQUEUE: ":0 :0 active 0/0 never",
    WORKING: ":0 :0 active 0/0 never",
  },
  "once, held": {
    remove: ":1 :0 gone",
    ENQUEUE: ":0 :0 active 0/0 in 0",
    NACK: ":0 :0 active 0/0 in 0",
    DEQUEUE: ":0 :0 active 0/0 in 0",
    WORKING: ":0 :0 active 0/0 in 0",
  },
};
expected.expired = expected.unknown ?? {};

/** The columns of the table and the commands each stands for. */
const columns: Record<string, string[]> = {
  remove: ["ACKJOB", "FASTACK", "DELJOB"],
  ENQUEUE: ["ENQUEUE"],
  NACK: ["NACK"],
  DEQUEUE: ["DEQUEUE"],
  WORKING: ["WORKING"],
};

/** The reply, of an error its first word. */
function briefly(reply: unknown): string {
  return String(reply).split(" ")[0] ?? "";
}

for (const [situation, arrange] of Object.entries(situations)) {
  test(`a job that is ${situation} answers every command as the table says`, () => {
    for (const [column, commands] of Object.entries(columns)) {
      for (const command of commands) {
        const server = new FakeServer();
        const client = server.connect();
        const id = arrange(client, server);
        const replies = [client.send(command, id), client.send(command, id)].map(briefly);
        const found = `${replies.join(" ")} ${stateOf(server, id)}`;
        assert.equal(found, expected[situation]?.[column], command);
      }
    }
  });

  test(`a job that is ${situation} counts once when one command names it twice`, () => {
    for (const [column, commands] of Object.entries(columns)) {
      for (const command of commands.filter((name) => name !== "WORKING")) {
        const server = new FakeServer();
        const client = server.connect();
        const id = arrange(client, server);
        const found = `${client.send(command, id, id)} ${stateOf(server, id)}`;
        assert.equal(found, expected[situation]?.[column]?.replace(" :0", ""), command);
      }
    }
  });

  test(`a job that is ${situation} is not changed by looking at it`, () => {
    const server = new FakeServer();
    const client = server.connect();
    const id = arrange(client, server);
    const before = stateOf(server, id);
    for (const look of [
      "QLEN q",
      "QSTAT q",
      "QPEEK q 9",
      "JSCAN REPLY all",
      "QSCAN",
      `SHOW ${id}`,
    ]) {
      client.send(...look.split(" "));
    }
    assert.equal(stateOf(server, id), before);
  });
}

test("the table has a row for every situation", () => {
  assert.deepEqual(Object.keys(expected).sort(), Object.keys(situations).sort());
});
