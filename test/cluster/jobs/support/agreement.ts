/**
 * What is true of a job when nothing is under way any more, whatever happened to it before.
 *
 * One node keeps it, all follow that one and know one another, and nobody has more or fewer than they think.
 */
import assert from "node:assert/strict";
import type { DisputedJob } from "./disputed-job.ts";

/** All who have the job agree about it; there are as many copies as were asked for on nodes that stay. */
export function assertAgreed(job: DisputedJob, replicate: number): void {
  const { fabric, id, keepers, holders, staying } = job;
  const lists = holders.map((each) => `${each.number} lists ${each.listOf(id)}`);
  const found = `${fabric.whereabouts(id)}; ${lists.join("; ")}`;
  assert.equal(keepers.length, 1, `it has one keeper: ${found}`);
  const everybody = holders.map(({ number }) => number);
  for (const holder of holders) {
    const known = holder.listOf(id);
    // A job with one copy has no list.
    const list = known.length === 0 ? [holder.number] : known;
    assert.equal(list[0], keepers[0]?.number, `all follow the keeper: ${found}`);
    const unknown = everybody.filter((number) => !list.includes(number));
    assert.deepEqual(unknown, [], `all holders know one another: ${found}`);
  }
  const stayingHolders = holders.filter(({ broker }) => !broker.isLeaving);
  const wanted = Math.min(replicate, staying.length);
  assert.equal(stayingHolders.length, wanted, `it has the copies that were asked for: ${found}`);
}
