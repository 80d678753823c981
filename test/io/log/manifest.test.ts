/** The manifest of a log: what it says, and that a damaged one is noticed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodeManifest,
  encodeManifest,
  readManifest,
  writeManifest,
  writeManifestNow,
} from "../../../src/io/log/manifest.ts";
import { FakeDisk } from "./fake-disk.ts";

test("it reads what it writes", () => {
  for (const state of ["on", "off", "new", "repairing"] as const) {
    const manifest = { firstSegment: 4_000_000_000, state };
    assert.deepEqual(decodeManifest(encodeManifest(manifest)), manifest);
  }
});

test("any changed byte, and any cut, is noticed", () => {
  const bytes = encodeManifest({ firstSegment: 12, state: "on" });
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] as number) ^ 1;
    assert.throws(() => decodeManifest(changed), /damaged|format/, `byte ${at}`);
    assert.throws(() => decodeManifest(bytes.subarray(0, at)), /damaged/, `cut at ${at}`);
  }
});

test("one of another format says which", () => {
  const bytes = Buffer.from("ringq log 7\nwhatever\n");
  assert.throws(() => decodeManifest(bytes), /it has format 7, and this ringq reads format 1/);
});

test("it is the old one or the new one, whenever the power fails", () => {
  const [before, after] = [
    { firstSegment: 1, state: "on" },
    { firstSegment: 2, state: "on" },
  ] as const;
  for (const isLater of [true, false]) {
    for (let cut = 1; cut < 8; cut++) {
      const disk = new FakeDisk();
      writeManifestNow(disk, "/log", before);
      disk.calls = 0;
      disk.cutAtCall = cut;
      try {
        if (isLater) writeManifest(disk, "/log", after, () => undefined);
        else writeManifestNow(disk, "/log", after);
      } catch {
        // No power.
      }
      disk.settle();
      for (const next of [disk.afterPowerLoss(), disk.afterPowerLoss(5), disk.afterKill()]) {
        const found = readManifest(next, "/log")?.firstSegment ?? 0;
        assert.ok(found === 1 || found === 2, `cut at call ${cut}`);
      }
    }
  }
});
