/** A job is asked back on its way to a client, and its keeper has queued it once more before it hears the answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 30;

// Either of the two nodes brings the queue's jobs and waiters together.
for (const queue of ["a", "b", "c", "d"]) {
  test(`who waited for queue "${queue}", with one who left, gets the job that WORKING called back and ENQUEUE has queued`, () => {
    const fabric = new Fabric(2);
    const [waiting, keeper] = [fabric.node(0), fabric.node(1)];
    waiting.take(queue);
    waiting.take(queue, 1, SOON_MS + 1);
    fabric.run(SOON_MS);
    const { id } = keeper.add({ queue });
    waiting.isStill = true;
    keeper.jobs.postpone(keeper.find(id));
    keeper.turn();
    fabric.run(SOON_MS);
    keeper.jobs.requeue(keeper.find(id), "client");
    waiting.isStill = false;
    waiting.turn();
    fabric.run(SOON_MS);
    assert.deepEqual(waiting.delivered, [id]);
  });
}
