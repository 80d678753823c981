/** Files that cannot be used or are none of the log's, at a start and later: refused with a name, or set aside, never deleted. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { realDisk } from "../../../src/io/log/log-disk.ts";
import { LogFolder } from "../../../src/io/log/log-folder.ts";
import { writeManifestNow } from "../../../src/io/log/manifest.ts";
import { SegmentChain } from "../../../src/io/log/segment-chain.ts";
import { tempDir } from "../../support/temp-dir.ts";
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

/** Puts a file where the next segment is to be. */
function putFile(disk: FakeDisk, path: string, content: string): void {
  disk.close(disk.create(path));
  disk.damage(path, Buffer.from(content));
}

test("a foreign file in the place of the next segment is set aside while the server runs, once", async () => {
  const always = { appendfsync: "always" };
  const scene = await LogScene.start(new FakeDisk(), always, { segmentBytes: 100 });
  const path = "/data/log/segment-0000000002.rql";
  putFile(scene.disk, path, "my notes");
  scene.add("a");
  scene.rest();
  scene.add("b");
  scene.rest();
  assert.deepEqual(scene.promised, ["+a", "+b"]);
  assert.equal(scene.disk.bytes(`${path}.cut`).toString(), "my notes");
  assert.equal(scene.messages.filter((message) => message === "a file was set aside").length, 1);
  for (const disk of [scene.disk.afterKill(), scene.disk.afterPowerLoss()]) {
    assert.deepEqual((await LogScene.start(disk)).jobs, ["a", "b"]);
    assert.equal(disk.bytes(`${path}.cut`).toString(), "my notes");
  }
});

test("while it cannot be set aside nothing is lost, and nothing promised", async () => {
  const scene = await LogScene.start(new FakeDisk(), {}, { segmentBytes: 100 });
  const path = "/data/log/segment-0000000002.rql";
  putFile(scene.disk, path, "my notes");
  scene.add("a");
  scene.rest();
  scene.disk.fault = (call) => (call === "rename" ? systemError("EIO") : undefined);
  scene.add("b");
  scene.rest();
  assert.deepEqual(scene.promised, ["+a"]);
  assert.equal(scene.disk.bytes(path).toString(), "my notes");
  scene.disk.fault = () => undefined;
  scene.advance(1100);
  scene.rest();
  assert.deepEqual(scene.promised, ["+a", "+b"]);
});

test("what a segment that could not be begun has left is removed, and no foreign file", async () => {
  const scene = await LogScene.start(new FakeDisk(), {}, { segmentBytes: 100 });
  scene.add("a");
  scene.rest();
  const { disk } = scene;
  disk.fault = (call, path) =>
    path.endsWith("0002.rql") && (call === "write" || call === "unlink")
      ? systemError("EIO")
      : undefined;
  scene.add("b");
  scene.rest();
  assert.equal(disk.bytes("/data/log/segment-0000000002.rql").length, 0);
  disk.fault = () => undefined;
  scene.advance(1100);
  scene.rest();
  assert.deepEqual(scene.promised, ["+a", "+b"]);
  assert.deepEqual(
    disk.list("/data/log").filter((name) => name.endsWith(".cut")),
    [],
  );
});

test("on a real disk a folder and a link to nowhere in the place of a segment are set aside as well", async (t) => {
  const path = await tempDir(t);
  const folder = new LogFolder(realDisk, path);
  mkdirSync(folder.pathOf(1));
  symlinkSync("nowhere", folder.pathOf(2));
  writeFileSync(folder.pathOf(3), "my notes");
  const warnings: unknown[] = [];
  const warning = (_message: string, data: unknown) => warnings.push(data);
  const chain = new SegmentChain(folder, [], 0, { warning });
  const header = Buffer.from("header");
  for (let i = 0; i < 3; i++) chain.begin(() => ({ header, roomBytes: 0, policy: "no" }));
  chain.abandon();
  const kept = [1, 2, 3].map((number) => `${folder.pathOf(number)}.cut`);
  assert.deepEqual(
    warnings,
    kept.map((file) => ({ file })),
  );
  assert.deepEqual(readdirSync(kept[0] as string), []);
  assert.equal(readlinkSync(join(path, "segment-0000000002.rql.cut")), "nowhere");
  for (const number of [1, 2, 3]) assert.equal(folder.isBlank(number), false);
});
