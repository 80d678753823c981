/**
 * A disk that refuses: nothing is promised that is not safe, and it goes on by itself when the disk does.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type DiskCall, FakeDisk, systemError } from "./fake-disk.ts";
import { LogScene } from "./log-scene.ts";

const ALWAYS = { appendfsync: "always" };

/** A log with one job in it that is safe. */
async function scene(settings: Readonly<Record<string, unknown>> = ALWAYS): Promise<LogScene> {
  const found = await LogScene.start(new FakeDisk(), settings);
  found.add("first");
  found.rest();
  assert.deepEqual(found.promised, ["+first"]);
  return found;
}

/** What the next process finds, after a kill and after a power loss. */
async function found({ disk }: LogScene): Promise<[afterKill: string[], afterPowerLoss: string[]]> {
  const killed = await LogScene.start(disk.afterKill(), ALWAYS);
  const cut = await LogScene.start(disk.afterPowerLoss(), ALWAYS, { bootId: "2".repeat(32) });
  return [killed.jobs, cut.jobs];
}

function fails(disk: FakeDisk, code: "ENOSPC" | "EIO" | "EROFS", ...calls: DiskCall[]): void {
  disk.fault = (call) => (calls.includes(call) ? systemError(code) : undefined);
}

function recovers(disk: FakeDisk): void {
  disk.fault = () => undefined;
  disk.roomBytes = Number.POSITIVE_INFINITY;
}

test("with always nothing is promised before the disk has it; with everysec it is when written", async () => {
  for (const [appendfsync, promised] of [
    ["always", ["+first"]],
    ["everysec", ["+first", "+a"]],
    ["no", ["+first", "+a"]],
  ] as const) {
    const log = await scene({ appendfsync });
    log.add("a");
    log.turn();
    assert.deepEqual(log.promised, promised, appendfsync);
    log.rest();
    assert.deepEqual(log.promised, ["+first", "+a"]);
  }
});

test("what happens while the disk is busy shares the next sync", async () => {
  const log = await scene();
  log.add("a");
  log.turn();
  for (const body of ["b", "c", "d"]) {
    log.add(body);
    log.turn();
  }
  log.disk.settle();
  log.turn();
  assert.deepEqual(log.promised, ["+first", "+a"]);
  const calls = log.disk.calls;
  log.disk.settle();
  log.turn();
  assert.deepEqual(log.promised, ["+first", "+a", "+b", "+c", "+d"]);
  assert.equal(log.disk.calls, calls, "one write and one sync for all of them");
});

for (const code of ["ENOSPC", "EIO", "EROFS"] as const) {
  test(`${code} when writing: refused in the system's words, tried every second, nothing lost`, async () => {
    const log = await scene();
    fails(log.disk, code, "write");
    log.add("a");
    log.rest();
    assert.notEqual(log.log.refusal, "");
    assert.deepEqual(log.promised, ["+first"]);
    log.advance(999);
    const calls = log.disk.calls;
    log.advance(1);
    assert.ok(log.disk.calls > calls, "it is tried again after a second");
    assert.equal(log.log.figures().bufferBytes > 0, true);
    log.add("b");
    log.rest();
    recovers(log.disk);
    log.advance(1000);
    log.rest();
    assert.equal(log.log.refusal, "");
    assert.deepEqual(log.promised, ["+first", "+a", "+b"]);
    assert.deepEqual(await found(log), [
      ["a", "b", "first"],
      ["a", "b", "first"],
    ]);
  });
}

test("with everysec what was written before the disk was full is synced all the same", async () => {
  const log = await scene({ appendfsync: "everysec" });
  log.add("a");
  log.turn();
  fails(log.disk, "ENOSPC", "write");
  for (const body of ["b", "c"]) {
    log.add(body);
    log.advance(500);
  }
  log.disk.settle();
  assert.deepEqual(log.promised, ["+first", "+a"]);
  assert.deepEqual((await found(log))[1], ["a", "first"]);
});

test("a disk that fills up in the middle of a block: the part is cut off again", async () => {
  for (let room = 0; room < 200; room += 9) {
    const log = await scene();
    log.disk.roomBytes = room;
    log.add("x".repeat(150));
    log.turn();
    log.turn();
    const [afterKill] = await found(log);
    assert.deepEqual(afterKill.slice(0, 1), ["first"]);
    recovers(log.disk);
    log.advance(1000);
    log.rest();
    assert.equal(log.promised.length, 2, `${room} bytes were free`);
    assert.equal((await found(log))[0].length, 2);
  }
});

test("a part that cannot be cut off at once is cut off before anything else is written", async () => {
  const log = await scene();
  log.disk.roomBytes = 50;
  fails(log.disk, "EIO", "truncate");
  log.add("x".repeat(150));
  log.rest();
  log.disk.roomBytes = Number.POSITIVE_INFINITY;
  log.advance(1000);
  log.rest();
  assert.notEqual(log.log.refusal, "", "it cannot go on yet");
  assert.deepEqual((await found(log))[0], ["first"]);
  recovers(log.disk);
  log.advance(1000);
  log.rest();
  assert.equal(log.log.refusal, "");
  assert.equal((await found(log))[0].length, 2);
});

test("a failed sync is never taken for a good one: everything is written anew, then promised", async () => {
  const log = await scene();
  fails(log.disk, "EIO", "sync");
  log.add("a");
  log.rest();
  assert.equal(log.log.refusal, "I/o error");
  recovers(log.disk);
  log.turn();
  log.disk.settle();
  log.turn();
  assert.deepEqual(log.promised, ["+first"], "the disk says yes now, but what of?");
  log.advance(1000);
  log.rest();
  assert.equal(log.log.refusal, "");
  assert.deepEqual(log.promised, ["+first", "+a"]);
  assert.equal(log.disk.list("/data/log").length, 2, "the file of which nobody knows is gone");
  assert.deepEqual(await found(log), [
    ["a", "first"],
    ["a", "first"],
  ]);
});

test("with everysec a failed sync also stops promises until everything is written anew", async () => {
  const log = await scene({ appendfsync: "everysec" });
  fails(log.disk, "EIO", "sync");
  log.add("a");
  log.advance(1000);
  log.rest();
  log.add("b");
  log.rest();
  assert.deepEqual(log.promised, ["+first", "+a"]);
  recovers(log.disk);
  log.advance(1000);
  log.rest();
  assert.deepEqual(log.promised, ["+first", "+a", "+b"]);
});

test("a disk that does not answer: no jobs are accepted after 2 s, and it goes on by itself", async () => {
  const log = await scene();
  log.disk.isStuck = true;
  log.add("a");
  log.turn();
  log.advance(1999);
  assert.equal(log.log.refusal, "");
  log.advance(1);
  assert.equal(log.log.refusal, "the disk does not answer");
  assert.equal(log.log.figures().writeError, "the disk does not answer");
  log.disk.isStuck = false;
  log.rest();
  assert.equal(log.log.refusal, "");
  assert.deepEqual(log.promised, ["+first", "+a"]);
  assert.ok(log.measured.includes("aof-fsync-always"));
  const told = log.messages.filter((message) => message.includes("disk"));
  assert.deepEqual(told, [
    "the disk is slow, no jobs are accepted until it answers",
    "the disk answers again",
  ]);
});

test("with everysec writing waits for a slow sync, and is counted", async () => {
  const log = await scene({ appendfsync: "everysec" });
  log.disk.isStuck = true;
  log.add("a");
  log.advance(1000);
  log.add("b");
  log.advance(100);
  assert.deepEqual(log.promised, ["+first", "+a", "+b"], "not at once");
  log.add("c");
  log.advance(500);
  assert.deepEqual(log.promised, ["+first", "+a", "+b"]);
  log.disk.isStuck = false;
  log.rest();
  assert.deepEqual(log.promised, ["+first", "+a", "+b", "+c"]);
  assert.equal(log.log.figures().delayedSyncs, 1);
  assert.ok(log.measured.includes("aof-write-pending-fsync"));
});

test("any one call may fail: afterwards everything is promised, and is there", async () => {
  const life = (log: LogScene): void => {
    log.add("a");
    log.rest();
    log.log.rewrite();
    log.add("b");
    for (let i = 0; i < 4; i++) {
      log.rest();
      log.advance(1000);
    }
    log.rest();
  };
  const whole = await scene();
  const first = whole.disk.calls;
  life(whole);
  for (let at = first + 1; at <= whole.disk.calls; at++) {
    const log = await scene();
    let calls = 0;
    log.disk.fault = () => (first + ++calls === at ? systemError("EIO") : undefined);
    life(log);
    assert.deepEqual(log.promised, ["+first", "+a", "+b"], `call ${at} fails`);
    assert.equal(log.log.refusal, "", `call ${at} fails`);
    const all = ["a", "b", "first"];
    assert.deepEqual(await found(log), [all, all], `call ${at} fails`);
  }
});

test("switching the log off is a way out when the disk is broken", async () => {
  const log = await scene();
  fails(log.disk, "EIO", "write", "sync");
  log.add("a");
  log.rest();
  assert.notEqual(log.log.refusal, "");
  assert.equal(log.log.turn(false), undefined);
  log.turn();
  assert.equal(log.log.refusal, "");
  assert.deepEqual(log.promised, ["+first", "+a"]);
  fails(log.disk, "EROFS", "create");
  assert.equal(log.log.turn(true), "Unable to turn on AOF. Check server logs.");
});

test("after a failed sync nothing is promised before the files of which nobody knows count no more", async () => {
  const log = await scene();
  fails(log.disk, "EIO", "sync");
  log.remove("first");
  log.rest();
  fails(log.disk, "EIO", "rename");
  for (let i = 0; i < 5; i++) {
    log.advance(1000);
    log.rest();
  }
  assert.deepEqual(log.promised, ["+first"]);
  assert.deepEqual(
    (await found(log))[1],
    ["first"],
    "what told that it is gone was never on the disk",
  );
  recovers(log.disk);
  log.advance(1000);
  log.rest();
  assert.deepEqual(log.promised, ["+first", "-first"]);
  assert.deepEqual(await found(log), [[], []]);
});
