/** An hour of churn around a job that nobody fetches: what the log takes on the disk stays bounded all the time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeDisk } from "./fake-disk.ts";
import { LogScene } from "./log-scene.ts";

const SEGMENT_BYTES = 64 * 1024;
const TURNS = 3600;
/** That of a pass, usually. */
const PASS_BYTES = 128 * 1024;
/** What a job takes in the log beside its body, about. */
const JOB_BYTES = 80;
/** A header, and the blocks' own bytes. */
const FRAME_BYTES = 1000;
/** Short bodies, so that most of the log is churn. */
const BODY_BYTES = 100;

/** What an hour is like. */
interface Shape {
  readonly title: string;
  readonly policy?: "always" | "everysec";
  readonly bodyBytes?: number;
  /** Jobs that are there besides the one that stays, at this second. */
  readonly jobsAt: (second: number) => number;
  /** The process is killed in the middle of a pass every so many seconds. */
  readonly killSeconds?: number;
  /** A pass writes so much in a turn, or twice what clients wrote. */
  readonly passBytes?: number;
  /** Seconds that are lived. */
  readonly turns?: number;
}

const shapes: readonly Shape[] = [
  { title: "with everysec", jobsAt: () => 8 },
  { title: "with always", policy: "always", jobsAt: () => 8 },
  { title: "with big bodies", bodyBytes: 6000, jobsAt: () => 3 },
  { title: "with kills in the middle of a pass", killSeconds: 600, jobsAt: () => 8 },
  {
    title: "in which each pass is killed, again and again, before it is through",
    bodyBytes: 1000,
    killSeconds: 3,
    passBytes: 4000,
    turns: 200,
    jobsAt: () => 60,
  },
  {
    title: "that grows and shrinks again",
    jobsAt: (second) => Math.max(4, Math.min(second, 3000 - second) / 10),
  },
];

for (const { title, policy = "everysec", turns = TURNS, jobsAt, killSeconds, ...sizes } of shapes) {
  const { bodyBytes = BODY_BYTES, passBytes = PASS_BYTES } = sizes;
  test(`disk use is bounded through an hour ${title}`, async () => {
    const settings = { appendfsync: policy, "auto-aof-rewrite-min-size": 0 };
    const machine = { segmentBytes: SEGMENT_BYTES, rewriteBytes: passBytes };
    let counter = counted(new FakeDisk());
    let scene = await LogScene.start(counter.disk, settings, machine);
    scene.add("immortal");
    const names: string[] = [];
    for (let second = 1; second <= turns; second++) {
      counter.bytes = 0;
      const count = jobsAt(second);
      for (let i = 0; i < 4 || names.length < count; i++) {
        const name = `${second}-${i} `.padEnd(bodyBytes, "x");
        names.push(name);
        scene.add(name);
      }
      const clientBytes = bodyBytes * 4 + FRAME_BYTES + 4 * 2 * JOB_BYTES;
      while (names.length > count) scene.remove(names.shift() ?? "");
      const isKilled = killSeconds !== undefined && second % killSeconds === 0;
      if (isKilled) scene.log.rewrite();
      scene.advance(1000);
      const liveBytes = (names.length + 1) * (bodyBytes + JOB_BYTES);
      const most = 3 * liveBytes + 2 * SEGMENT_BYTES;
      assert.ok(counter.bytes <= 3 * clientBytes + PASS_BYTES, `${second}: ${counter.bytes}`);
      assert.ok(counter.disk.bytesUsed <= most, `${second}: ${counter.disk.bytesUsed} of ${most}`);
      if (isKilled) {
        counter = counted(counter.disk.afterKill());
        scene = await LogScene.start(counter.disk, settings, machine);
      }
      counter.disk.settle();
    }
    scene.rest();
    const next = await LogScene.start(counter.disk.afterKill(), settings, machine);
    assert.deepEqual(next.jobs, [...names, "immortal"].sort());
  });
}

/** Notes what is written to a disk. */
function counted(disk: FakeDisk): { readonly disk: FakeDisk; bytes: number } {
  const counter = { disk, bytes: 0 };
  const write = disk.write.bind(disk);
  disk.write = (...call) => {
    const count = write(...call);
    counter.bytes += count;
    return count;
  };
  return counter;
}
