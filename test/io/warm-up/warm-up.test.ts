/** The warm-up: jobs really live, for about as long as was asked for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Config, defaultState } from "../../../src/config/config.ts";
import { warmUp } from "../../../src/io/warm-up/warm-up.ts";

function configWith(warmUpMs: number): Config {
  const defaults = defaultState();
  return new Config({ ...defaults, values: { ...defaults.values, "warm-up-ms": warmUpMs } });
}

test("jobs are added with copies and delivered on both nodes", async () => {
  const { here, there } = await warmUp(configWith(200));
  assert.ok(here > 0, "to who comes later, where they were added");
  assert.ok(there > 0, "to who waits at the other node");
});

test("nothing happens without time for it", async () => {
  assert.deepEqual(await warmUp(configWith(0)), { here: 0, there: 0 });
});
