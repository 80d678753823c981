/** Starts with files that cannot be used or are none of the log's: refused with a name, or set aside, never deleted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { writeManifestNow } from "../../../src/io/log/manifest.ts";
import { FakeDisk, systemError } from "./fake-disk.ts";
import { LogScene } from "./log-scene.ts";

test("a log whose repair did not come to its end is refused", async () => {
  const scene = await LogScene.start(new FakeDisk());
  scene.add("a");
  scene.rest();
  const disk = scene.disk.afterKill();
  writeManifestNow(disk, "/data/log", { firstSegment: 1, state: "repairing" });
  await assert.rejects(LogScene.start(disk), /a repair of it did not come to its end/);
});

test("a file that cannot be opened or read is named in the refusal, wherever it is in the log", async () => {
  for (const call of ["open", "read"] as const) {
    for (const segment of [1, 2, 3]) {
      const scene = await LogScene.start(new FakeDisk(), {}, { segmentBytes: 100 });
      for (const body of ["a", "b", "c"]) {
        scene.add(body);
        scene.rest();
      }
      const disk = scene.disk.afterKill();
      const name = `segment-000000000${segment}.rql`;
      let bad = 0;
      const { open, read } = disk;
      disk.open = (path) => {
        if (path.endsWith(name) && call === "open") throw systemError("EIO");
        const file = open.call(disk, path);
        if (path.endsWith(name)) bad = file;
        return file;
      };
      disk.read = (file, ...rest) => {
        if (file === bad) throw systemError("EIO");
        return read.call(disk, file, ...rest);
      };
      await assert.rejects(LogScene.start(disk), new RegExp(`${name}: I/o error`), call);
    }
  }
});

test("a few foreign bytes behind the end are set aside, the beginning of a header is deleted", async () => {
  for (const [content, isKept] of [
    ["my notes", true],
    ["RING", false],
    ["", false],
  ] as const) {
    const scene = await LogScene.start(new FakeDisk());
    scene.add("a");
    scene.rest();
    const disk = scene.disk.afterKill();
    const path = "/data/log/segment-0000000002.rql";
    disk.close(disk.create(path));
    disk.damage(path, Buffer.from(content));
    assert.deepEqual((await LogScene.start(disk)).jobs, ["a"]);
    const names = disk.list("/data/log");
    assert.equal(names.includes("segment-0000000002.rql.cut"), isKept, content);
  }
});
