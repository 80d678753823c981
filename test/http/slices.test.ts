/** Slices of long work: one a turn, in the order in which they were asked for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Slices } from "../../src/http/slices.ts";

test("works take turns, and everything else has its turn between their slices", async () => {
  const story: string[] = [];
  const slices = new Slices(() => story.push("turn"));
  const work = async (name: string): Promise<void> => {
    for (let i = 0; i < 2; i++) {
      await slices.next();
      story.push(name);
    }
  };
  await Promise.all([work("a"), work("b")]);
  assert.equal(story.join(" "), "turn a turn b turn a turn b");
});
