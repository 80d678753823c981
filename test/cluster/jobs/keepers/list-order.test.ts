/** Lists of one job that a keeper notes in one turn, as a list and with its claim: the last one arrives last. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fabric } from "../support/fabric.ts";

const SOON_MS = 50;

test("who hears of a copy less and one more in the turn of the keeper ends with its list", () => {
  const fabric = new Fabric(4);
  const keeper = fabric.node(0);
  const { id } = keeper.add({ replicate: 3, retry: 600 });
  fabric.run(SOON_MS);
  const [, follower = -1, leaver = -1] = keeper.listOf(id);
  const third = fabric.nodes.findIndex(({ number }) => !keeper.listOf(id).includes(number));
  // Whether it has a copy is not known at first.
  fabric.silence(third, keeper.number);
  keeper.isStill = true;
  const deleting = fabric.node(leaver);
  deleting.jobs.delete(deleting.find(id));
  deleting.turn();
  fabric.run(SOON_MS);
  const showing = fabric.node(follower);
  const job = showing.find(id);
  const { roles } = showing.broker;
  roles.setList(job, [...roles.list(job), showing.indexOf(third)]);
  showing.jobs.showTo(job, showing.indexOf(keeper.number));
  showing.turn();
  fabric.run(SOON_MS);
  keeper.isStill = false;
  keeper.turn();
  fabric.run(SOON_MS);
  assert.ok(keeper.listOf(id).includes(third));
  assert.deepEqual(showing.listOf(id), keeper.listOf(id));
});

test("lists of one job in two messages keep others apart no more than that order needs", () => {
  const fabric = new Fabric(2);
  const { jobs } = fabric.node(0);
  const add = () => fabric.node(0).add({ replicate: 2 }).job;
  const [first, second, third] = [add(), add(), add()];
  jobs.announceTaken(first);
  fabric.run(SOON_MS);
  fabric.sent.length = 0;
  // What was said in another turn is said.
  jobs.announceTaken(second);
  jobs.announceList(first);
  jobs.announceTaken(third);
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.sent, ["0>1 taken", "0>1 holders"]);
  fabric.sent.length = 0;
  // What had to be said at once is, too.
  jobs.announceTaken(first);
  jobs.announceList(first);
  jobs.announceTaken(second);
  jobs.announceList(first);
  jobs.announceTaken(third);
  fabric.run(SOON_MS);
  assert.deepEqual(fabric.sent, ["0>1 taken", "0>1 taken", "0>1 holders"]);
});
