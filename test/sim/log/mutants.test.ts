/** The judge of the log's lives finds nodes out that break a promise: a judge that never fails proves nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LogSync } from "../../../src/io/log/log-sync.ts";
import { NodeLog } from "../../../src/io/log/node-log.ts";
import { RewritePass } from "../../../src/io/log/rewrite-pass.ts";
import { SegmentChain } from "../../../src/io/log/segment-chain.ts";
import { SegmentReader } from "../../../src/io/log/segment-reader.ts";
import { UnwrittenBlocks } from "../../../src/io/log/unwritten-blocks.ts";
import { Journal } from "../../../src/journal/journal.ts";
import { SEGMENT_HEADER_BYTES } from "../../../src/journal/log-format.ts";
import { Replay } from "../../../src/journal/replay.ts";
import { Violation } from "../history.ts";
import { LOG_HABITS, type LogConfig, liveWithLog } from "./log-life.ts";

/** A fault shows in one of so many lives; most show in the first ones. */
const SEEDS_MAX = 80;

/** One way to break the log: other methods than those of a healthy class, while a life lasts. */
interface LogMutant {
  readonly title: string;
  readonly policy: LogConfig["shape"]["policy"];
  readonly target: object;
  /** The first seed to be tried: lives before it are known not to show the fault. */
  readonly from?: number;
  readonly methods: PropertyDescriptorMap;
}

/** A method that does something else. */
function method(value: (...args: never[]) => unknown): PropertyDescriptor {
  return { value, configurable: true, writable: true };
}

const { cut } = SegmentReader.prototype;
const { begin } = LogSync.prototype;
const { positionOf, append } = SegmentChain.prototype;

const mutants: readonly LogMutant[] = [
  {
    title: "answers before anything is on the disk",
    policy: "always",
    from: 3,
    target: NodeLog.prototype,
    methods: { isDurable: { get: () => true, configurable: true } },
  },
  {
    title: "takes a failed sync for a good one",
    policy: "always",
    target: LogSync.prototype,
    from: 18,
    methods: {
      begin: method(function (this: LogSync, ...[task, nowMs, done]: Parameters<typeof begin>) {
        begin.call(this, task, nowMs, () => done(undefined));
      }),
    },
  },
  {
    title: "moves the manifest before the pass has written anything",
    policy: "always",
    target: RewritePass.prototype,
    from: 93,
    methods: {
      mayInstall: method(function (this: RewritePass) {
        return this.state === "copying" || this.state === "copied";
      }),
    },
  },
  {
    title: "forgets that jobs have changed",
    policy: "always",
    target: Journal.prototype,
    methods: { changed: method(() => {}) },
  },
  {
    title: "does not write that jobs are gone",
    policy: "always",
    target: Journal.prototype,
    methods: { removed: method(() => {}) },
  },
  {
    title: "cuts off all of a segment whose end is torn",
    policy: "always",
    target: SegmentReader.prototype,
    methods: {
      cut: method(function (this: SegmentReader) {
        this.position = SEGMENT_HEADER_BYTES;
        cut.call(this);
      }),
    },
  },
  {
    title: "says in its blocks that all before them is safe",
    policy: "everysec",
    target: SegmentChain.prototype,
    methods: {
      positionOf: method(function (this: SegmentChain) {
        return positionOf.call(this, this.writtenBytes);
      }),
    },
  },
  {
    title: "delivers jobs with RETRY 0 again after an end of which it knows nothing",
    policy: "no",
    target: Replay.prototype,
    from: 5,
    methods: { isSure: method(() => true) },
  },
  {
    title: "forgets what the disk refused",
    policy: "always",
    target: UnwrittenBlocks.prototype,
    from: 6,
    methods: { isEmpty: { get: () => true, configurable: true }, write: method(() => {}) },
  },
  {
    title: "loses a block now and then",
    policy: "always",
    target: SegmentChain.prototype,
    methods: {
      append: method(function (this: SegmentChain, block: Buffer) {
        if (this.writtenBytes % 7 !== 0) append.call(this, block);
        else this.writtenBytes += 1;
      }),
    },
  },
];

/** All that can go wrong does, and the log stays on. */
function harsh(config: LogConfig, policy: LogMutant["policy"]): LogConfig {
  const logHabits = new Set(LOG_HABITS.filter((habit) => habit !== "log off and on"));
  const habits = new Set([...config.habits, "at most once"] as const);
  return { ...config, habits, logHabits, shape: { ...config.shape, policy } };
}

for (const { title, policy, target, methods, from = 1 } of mutants) {
  test(`a log that ${title} is found out`, async () => {
    const names = Object.keys(methods);
    const healthy = names.map((name) => Object.getOwnPropertyDescriptor(target, name));
    assert.ok(!healthy.includes(undefined), "there is no such method any more");
    Object.defineProperties(target, methods);
    try {
      for (let seed = from; seed < from + SEEDS_MAX; seed++) {
        const change = (config: LogConfig): LogConfig => harsh(config, policy);
        const { failure } = await liveWithLog(seed, { change });
        if (failure === undefined) continue;
        assert.ok(failure instanceof Violation, failure.stack);
        return;
      }
    } finally {
      for (const [i, name] of names.entries()) {
        Object.defineProperty(target, name, healthy[i] as PropertyDescriptor);
      }
    }
    assert.fail("nothing was noticed");
  });
}
