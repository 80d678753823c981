/**
 * Signals and bugs, sent to a made-up process whose clock the test moves.
 * The real Ctrl-C in a terminal is a process test.
 */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { installSignals, type ProcessLike } from "../../src/io/signals.ts";

/** A process whose signals are sent by the test and whose clock stands until it is moved. */
class FakeProcess extends EventEmitter implements ProcessLike {
  readonly stdout = new EventEmitter();
  readonly stderr = new EventEmitter();
  nowMs = 5000;
  /** Everything that happened, in order. */
  readonly done: string[] = [];
  onFatal: () => void = () => undefined;

  install(): () => void {
    const actions = {
      onStop: (signal: string): void => {
        this.done.push(`stop ${signal}`);
      },
      onReload: (): void => {
        this.done.push("reload");
      },
      onFatal: (error: unknown, origin: string): void => {
        this.done.push(`fatal ${origin}: ${String(error)}`);
        this.onFatal();
      },
      exit: (code: number): void => {
        this.done.push(`exit ${code}`);
      },
      nowMs: () => this.nowMs,
    };
    return installSignals(actions, this);
  }
}

function installed(): FakeProcess {
  const target = new FakeProcess();
  target.install();
  return target;
}

test("SIGTERM and SIGINT ask for one orderly stop", () => {
  for (const signal of ["SIGTERM", "SIGINT"]) {
    const target = installed();
    target.emit(signal);
    assert.deepEqual(target.done, [`stop ${signal}`]);
  }
});

test("repeats within a second are the same wish", () => {
  const target = installed();
  target.emit("SIGINT");
  target.emit("SIGINT");
  target.nowMs += 999;
  target.emit("SIGINT");
  assert.deepEqual(target.done, ["stop SIGINT"]);
});

test("a SIGINT a second later ends the process with 1", () => {
  for (const first of ["SIGINT", "SIGTERM"]) {
    const target = installed();
    target.emit(first);
    target.nowMs += 1000;
    target.emit("SIGINT");
    assert.deepEqual(target.done, [`stop ${first}`, "exit 1"]);
  }
});

test("a second counts from the first signal, so hammering Ctrl-C helps", () => {
  const target = installed();
  for (let count = 0; count <= 5; count++) {
    target.emit("SIGINT");
    target.nowMs += 200;
  }
  assert.deepEqual(target.done, ["stop SIGINT", "exit 1"]);
});

test("a repeated SIGTERM never becomes impatient", () => {
  const target = installed();
  for (let count = 0; count < 3; count++) {
    target.emit("SIGTERM");
    target.nowMs += 60_000;
  }
  assert.deepEqual(target.done, ["stop SIGTERM"]);
});

test("SIGHUP reloads, each time", () => {
  const target = installed();
  target.emit("SIGHUP");
  target.emit("SIGHUP");
  assert.deepEqual(target.done, ["reload", "reload"]);
});

test("an exception nobody caught is logged and ends the process with 1", () => {
  const target = installed();
  target.emit("uncaughtException", new Error("oops"));
  assert.deepEqual(target.done, ["fatal uncaughtException: Error: oops", "exit 1"]);
});

test("a rejection nobody handled is logged and ends the process with 1", () => {
  const target = installed();
  target.emit("unhandledRejection", "oops");
  assert.deepEqual(target.done, ["fatal unhandledRejection: oops", "exit 1"]);
});

test("a bug in the last words still ends the process, and is not logged in a circle", () => {
  const target = installed();
  target.onFatal = () => {
    target.emit("uncaughtException", new Error("again"));
    throw new Error("the log is broken");
  };
  assert.throws(() => target.emit("uncaughtException", new Error("oops")), /log is broken/);
  assert.deepEqual(target.done, ["fatal uncaughtException: Error: oops", "exit 1", "exit 1"]);
});

test("a reader of the output that goes away is no error", () => {
  const target = installed();
  const broken = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
  target.stdout.emit("error", broken);
  target.stderr.emit("error", broken);
  assert.deepEqual(target.done, []);
});

test("SIGUSR1 is left to the debugger", () => {
  assert.equal(installed().listenerCount("SIGUSR1"), 0);
});

test("what was installed can be removed", () => {
  const target = new FakeProcess();
  const uninstall = target.install();
  assert.ok(target.eventNames().length > 0);
  uninstall();
  assert.deepEqual(target.eventNames(), []);
  assert.deepEqual(target.stdout.eventNames(), []);
  assert.deepEqual(target.stderr.eventNames(), []);
});

test("the real process is the default", () => {
  const before = process.listenerCount("SIGHUP");
  const uninstall = installSignals({
    onStop: () => undefined,
    onReload: () => undefined,
    onFatal: () => undefined,
    exit: () => undefined,
    nowMs: () => 0,
  });
  assert.equal(process.listenerCount("SIGHUP"), before + 1);
  uninstall();
  assert.equal(process.listenerCount("SIGHUP"), before);
});
