/**
 * The order of a turn, how many there are, and when the next one comes by itself.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Turn } from "../../src/io/turn.ts";
import { eventually } from "../support/eventually.ts";
import { settled } from "./wired-server.ts";

const NEVER = Number.POSITIVE_INFINITY;

/** Parts that write down when they are called; a test replaces what they do and when they want more. */
class Parts {
  /** Steps in order. */
  readonly done: string[] = [];
  wakeAtMs = NEVER;
  persistAtMs = NEVER;
  resumeAtMs = NEVER;
  isLinked = false;
  /** The clock's, if a test holds it. */
  heldMs: number | undefined;
  /** The precise clock's. */
  micros = 0;
  /** Called at the step of that name. */
  during: Record<string, () => void> = {};
  readonly turn: Turn;

  constructor(t: TestContext) {
    const step = (name: string): void => {
      this.done.push(name);
      this.during[name]?.();
    };
    const parts = this;
    const broker = {
      tick: () => step("tick"),
      get nextWakeAtMs() {
        return parts.wakeAtMs;
      },
    };
    this.turn = new Turn({
      machines: [broker],
      clock: {
        get nowMs() {
          return parts.heldMs ?? Math.floor(performance.now());
        },
        refresh: () => undefined,
        elapsedMicros: () => parts.micros,
      },
      persist: () => {
        step("persist");
        return this.persistAtMs;
      },
      flush: () => step("flush"),
      resume: () => {
        step("resume");
        return this.resumeAtMs;
      },
      sample: () => undefined,
      isLinked: () => this.isLinked,
    });
    t.after(() => this.turn.stop());
  }

  get ticks(): number {
    return this.done.filter((name) => name === "tick").length;
  }
}

test("a turn does what is due, saves, sends, and lets clients go on, in this order", async (t) => {
  const parts = new Parts(t);
  parts.turn.touch();
  assert.deepEqual(parts.done, [], "not before everything that arrives now was handled");
  await settled();
  assert.deepEqual(parts.done, ["tick", "persist", "flush", "resume"]);
});

test("however much happens in one pass of the loop, there is one turn for it", async (t) => {
  const parts = new Parts(t);
  for (let i = 0; i < 100; i++) parts.turn.touch();
  await settled();
  assert.equal(parts.ticks, 1);
});

/** Passes of the loop until the turn that is touched now is finished; the first one takes so long. */
async function passesOfTurn(parts: Parts, firstMicros = 1): Promise<number> {
  const before = parts.ticks;
  parts.turn.touch();
  parts.micros += firstMicros;
  let passes = 0;
  for (; parts.ticks === before; passes++) await new Promise((resolve) => setImmediate(resolve));
  return passes;
}

test("a turn soon after another one waits for one more pass, if there are other nodes", async (t) => {
  const parts = new Parts(t);
  parts.isLinked = true;
  parts.heldMs = 100;
  assert.equal(await passesOfTurn(parts), 1, "the first one comes at once");
  assert.equal(await passesOfTurn(parts), 2);
  assert.equal(await passesOfTurn(parts, 400), 1, "a long pass has brought enough");
  assert.equal(await passesOfTurn(parts), 2);
  parts.heldMs += 5;
  assert.equal(await passesOfTurn(parts), 1, "whoever has been idle has nothing to wait for");
  parts.isLinked = false;
  assert.equal(await passesOfTurn(parts), 1, "replies to clients gain nothing by it");
});

test("what happens before replies are sent needs no further turn, what happens later does", async (t) => {
  const parts = new Parts(t);
  for (const step of ["tick", "persist", "flush"]) parts.during[step] = () => parts.turn.touch();
  parts.turn.touch();
  await settled();
  assert.equal(parts.ticks, 1);
  let times = 3;
  parts.during = {
    resume: () => {
      if (times-- > 0) parts.turn.touch();
    },
  };
  parts.turn.touch();
  await settled();
  assert.equal(parts.ticks, 1 + 4);
});

test("while there is work left, turns follow one another and others get their turn between", async (t) => {
  const parts = new Parts(t);
  let others = 0;
  parts.wakeAtMs = 0;
  parts.during = {
    tick: () => {
      setImmediate(() => others++);
      if (parts.ticks === 50) parts.wakeAtMs = NEVER;
    },
  };
  parts.turn.touch();
  await eventually(() => parts.ticks >= 50, { what: "fifty turns" });
  await settled();
  assert.equal(parts.ticks, 50);
  assert.equal(others, 50);
});

for (const who of ["wakeAtMs", "persistAtMs", "resumeAtMs"] as const) {
  test(`a turn comes by itself at the moment that ${who} says`, async (t) => {
    const parts = new Parts(t);
    const atMs = Math.floor(performance.now()) + 30;
    parts[who] = atMs;
    parts.during = {
      tick: () => {
        if (performance.now() >= atMs) parts[who] = NEVER;
      },
    };
    parts.turn.touch();
    await eventually(() => parts[who] === NEVER, { what: "the moment has come" });
    await settled();
    assert.ok(parts.ticks <= 5, `${parts.ticks} turns: a timer may fire a millisecond early`);
  });
}

test("an earlier moment replaces a later one that is waited for", async (t) => {
  const parts = new Parts(t);
  parts.wakeAtMs = performance.now() + 3_600_000;
  parts.turn.touch();
  await settled();
  parts.wakeAtMs = performance.now() + 10;
  parts.during = {
    tick: () => {
      if (performance.now() >= parts.wakeAtMs) parts.wakeAtMs = NEVER;
    },
  };
  parts.turn.touch();
  await eventually(() => parts.wakeAtMs === NEVER, { what: "the earlier moment" });
});

test("a moment in a hundred years is no reason to hurry", async (t) => {
  const warnings: string[] = [];
  const note = (warning: Error): void => {
    warnings.push(warning.name);
  };
  process.on("warning", note);
  t.after(() => process.removeListener("warning", note));
  const parts = new Parts(t);
  parts.wakeAtMs = 3.2e12;
  parts.turn.touch();
  const endMs = performance.now() + 20;
  await eventually(() => performance.now() > endMs, { what: "a short time has passed" });
  assert.equal(parts.ticks, 1);
  assert.deepEqual(warnings, []);
});

test("after stop there are no turns, not even one that was under way", async (t) => {
  const parts = new Parts(t);
  parts.turn.touch();
  parts.turn.stop();
  parts.turn.touch();
  await settled();
  assert.deepEqual(parts.done, []);
});
