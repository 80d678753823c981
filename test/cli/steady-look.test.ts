/** A log that a server rewrites meanwhile is looked at again, and not told to be damaged. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { stateOf } from "../../src/cli/log-picture.ts";
import { lookSteadily } from "../../src/cli/steady-look.ts";
import { encodeManifest } from "../../src/io/log/manifest.ts";
import { bytesOf, newLog } from "./log-on-disk.ts";

test("what comes or goes during a look makes another one, also when that failed", async (t) => {
  const log = await newLog(t);
  const folder = join(log.dir, "log");
  const moveTo = (firstSegment: number) =>
    log.write("manifest", encodeManifest({ firstSegment, state: "on" }));
  const changes = [
    () => moveTo(3),
    () => {
      moveTo(4);
      throw new Error("segment 3 is gone");
    },
    // A segment that is begun changes nothing.
    () => log.writeSegment(5, bytesOf(4)),
  ];
  let looks = 0;
  const look = lookSteadily(
    () => stateOf(folder),
    () => changes[looks++]?.() ?? looks,
  );
  assert.deepEqual(look, { found: 3, isSteady: true });
});

test("what never stands still is told as it was seen last", () => {
  let state = 0;
  const { found, isSteady } = lookSteadily(
    () => String(state),
    () => ++state,
  );
  assert.ok(found > 1 && found < 10, `${found} looks`);
  assert.equal(isSteady, false);
});

test("what is wrong with files that stand still is told at once", () => {
  let looks = 0;
  const look = (): never => {
    looks++;
    throw new Error("damaged");
  };
  assert.throws(() => lookSteadily(() => "", look), /damaged/);
  assert.equal(looks, 1);
});
