/** Pages that are dear to make: shared while they are made and good, bounded in number, never kept when they failed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KeptPages } from "../../src/http/kept-pages.ts";

const clock = { nowMs: 1000 };

test("pages in the making are refused beyond their number, made ones give way", async () => {
  const pages = new KeptPages<string>(clock, 2);
  const take = (key: string, made: Promise<string> = Promise.resolve(key)): Promise<string> =>
    pages.take(
      key,
      () => made,
      () => 500,
    );
  let end = (_page: string): void => {};
  const slow = take(
    "slow",
    new Promise((resolve) => {
      end = resolve;
    }),
  );
  const quick = take("quick");
  assert.throws(() => take("more"), /Too many lists/);
  assert.equal(take("quick"), quick);
  await quick;
  for (const key of ["a", "b", "c"]) assert.equal(await take(key), key);
  assert.equal(take("slow"), slow);
  assert.notEqual(take("quick"), quick, "it has given way");
  end("slow");
  await slow;
});

test("a page is good for its time from when it was made, one that failed is not kept", async () => {
  const pages = new KeptPages<number>(clock, 2);
  let made = 0;
  const take = (): Promise<number> =>
    pages.take(
      "page",
      async () => {
        if (++made === 1) throw new Error("no");
        return made;
      },
      () => 500,
    );
  await assert.rejects(take(), /no/);
  assert.equal(await take(), 2);
  clock.nowMs += 499;
  assert.equal(await take(), 2);
  clock.nowMs += 1;
  assert.equal(await take(), 3);
});
