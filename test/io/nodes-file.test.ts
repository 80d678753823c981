/**
 * The nodes file on disk: loaded, saved, converted, and never overwritten when it was not
 * understood. The format itself is tested in nodes-file-format.test.ts.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { NodesFile } from "../../src/io/nodes-file.ts";
import { encodeNodes } from "../../src/io/nodes-file-format.ts";
import type { NodesState } from "../../src/io/nodes-state.ts";
import { tempDir } from "../support/temp-dir.ts";

const ID = "dcb833cf8f42fbb7924d92335ff6d67d3cea6e3d";

const STATE: NodesState = {
  nodeId: ID,
  incarnation: 1,
  memoryIncarnation: 1,
  isLeaving: false,
  formerIds: [],
  pauses: [{ queue: Buffer.from("mail"), state: "out" }],
  members: [],
};

/** The path of a nodes file with this content. */
async function fileWith(t: TestContext, content: string | Buffer): Promise<string> {
  const path = join(await tempDir(t), "nodes.conf");
  writeFileSync(path, content);
  return path;
}

test("without a file there is nothing to load, and a saved state is there next time", async (t) => {
  const path = join(await tempDir(t), "nodes.conf");
  const file = new NodesFile(path);
  assert.deepEqual(file.load(), { kind: "absent" });
  file.save(STATE);
  assert.deepEqual(new NodesFile(path).load(), { kind: "loaded", origin: "ringq", state: STATE });
});

test("a later save replaces the earlier one", async (t) => {
  const path = join(await tempDir(t), "nodes.conf");
  const file = new NodesFile(path);
  file.load();
  file.save(STATE);
  file.save({ ...STATE, isLeaving: true, pauses: [] });
  const found = new NodesFile(path).load();
  assert.equal(found.kind === "loaded" && found.state.isLeaving, true);
});

test("an empty file counts as none", async (t) => {
  const file = new NodesFile(await fileWith(t, ""));
  assert.deepEqual(file.load(), { kind: "absent" });
  file.save(STATE);
});

test("a damaged file is refused by name and never overwritten", async (t) => {
  const whole = encodeNodes(STATE);
  const path = await fileWith(t, whole.subarray(0, whole.length - 5));
  const file = new NodesFile(path);
  const found = file.load();
  assert.equal(found.kind, "refused");
  assert.match(
    found.kind === "refused" ? found.message : "",
    new RegExp(`^cannot use nodes file ${path}: `),
  );
  assert.throws(() => file.save(STATE), /refusing to overwrite/);
  assert.deepEqual(readFileSync(path), whole.subarray(0, whole.length - 5));
});

test("a file of a newer ringq is refused and never overwritten", async (t) => {
  const path = await fileWith(t, '{"file":"ringq nodes","version":9}\n');
  const file = new NodesFile(path);
  const found = file.load();
  assert.match(found.kind === "refused" ? found.message : "", /newer ringq \(format 9/);
  assert.throws(() => file.save(STATE), /refusing to overwrite/);
});

test("a file that was not loaded is not overwritten either", async (t) => {
  const path = await fileWith(t, encodeNodes(STATE));
  assert.throws(() => new NodesFile(path).save(STATE), /refusing to overwrite/);
});

test("a file cut anywhere or damaged anywhere is refused, never read wrongly", async (t) => {
  const whole = encodeNodes(STATE);
  const path = await fileWith(t, whole);
  for (let length = whole.length - 1; length > 0; length--) {
    truncateSync(path, length);
    assert.equal(new NodesFile(path).load().kind, "refused", `cut to ${length}`);
  }
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged[at] = ~(damaged[at] ?? 0) & 0xff;
    writeFileSync(path, damaged);
    assert.equal(new NodesFile(path).load().kind, "refused", `damaged at ${at}`);
  }
});

test("something that cannot be read is refused with the system's reason", async (t) => {
  const path = join(await tempDir(t), "nodes.conf");
  mkdirSync(path);
  const found = new NodesFile(path).load();
  assert.match(found.kind === "refused" ? found.message : "", /Illegal operation on a directory/);
});

test("an absurdly large file is not read", async (t) => {
  const path = await fileWith(t, "{");
  truncateSync(path, 65 * 1024 * 1024);
  const found = new NodesFile(path).load();
  assert.match(found.kind === "refused" ? found.message : "", /larger than/);
});

test("a state too large to be read again is not written", async (t) => {
  const path = join(await tempDir(t), "nodes.conf");
  const file = new NodesFile(path);
  file.load();
  const queue = Buffer.alloc(65_536, 1);
  const pauses = Array.from({ length: 200 }, () => ({ queue, state: "in" as const }));
  assert.throws(() => file.save({ ...STATE, pauses }), /more than 67108864 bytes/);
  assert.deepEqual(new NodesFile(path).load(), { kind: "absent" });
});

test("a reference nodes.conf is converted, and a copy of it is kept", async (t) => {
  const reference = `${ID} :7711 myself,leaving 0 0 connected\n`;
  const path = await fileWith(t, reference);
  const file = new NodesFile(path);
  const found = file.load();
  assert.deepEqual(found, {
    kind: "loaded",
    origin: "reference",
    state: {
      nodeId: ID,
      incarnation: 0,
      memoryIncarnation: 0,
      isLeaving: true,
      formerIds: [],
      pauses: [],
      members: [],
    },
  });
  assert.equal(readFileSync(path, "utf8"), reference, "loading alone changes nothing");
  file.save(STATE);
  file.save(STATE);
  assert.equal(readFileSync(`${path}.disque`, "utf8"), reference);
  assert.deepEqual(new NodesFile(path).load(), { kind: "loaded", origin: "ringq", state: STATE });
});

test("a copy of an earlier conversion is not replaced", async (t) => {
  const path = await fileWith(t, `${ID} :7711 myself 0 0 connected\n`);
  writeFileSync(`${path}.disque`, "the first one");
  const file = new NodesFile(path);
  file.load();
  file.save(STATE);
  assert.equal(readFileSync(`${path}.disque`, "utf8"), "the first one");
});

test("when the copy cannot be made nothing is saved", async (t) => {
  const path = await fileWith(t, `${ID} :7711 myself 0 0 connected\n`);
  const file = new NodesFile(path);
  file.load();
  unlinkSync(path);
  assert.throws(() => file.save(STATE), /cannot copy .*nodes\.conf: No such file or directory/);
});

test("a save that fails says why and leaves the file alone", async (t) => {
  const folder = await tempDir(t);
  const file = new NodesFile(join(folder, "gone", "nodes.conf"));
  assert.deepEqual(file.load(), { kind: "absent" });
  assert.throws(() => file.save(STATE), /cannot write .*nodes\.conf: No such file or directory/);
});
