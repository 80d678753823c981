/**
 * The pseudo-terminal helper, because tests built on it could otherwise pass for the wrong reason.
 * Also the one thing about the log that only shows on a terminal.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "./eventually.ts";
import { isRunning } from "./process-state.ts";
import { CTRL_C, hasPty, openPty } from "./pty.ts";

const skip = hasPty() ? false : "script (util-linux) is not installed";
const WRITER = join(import.meta.dirname, "log-writer.js");

test("what is typed reaches the command, and what it prints can be expected in order", {
  skip,
}, async (t) => {
  const pty = openPty(t, "read -r line; echo got:$line; echo got:again");
  pty.feed("hello\r");
  const [found] = await pty.expect(/got:\w+/);
  assert.equal(found, "got:hello");
  await pty.expect(/got:again/);
  assert.deepEqual(await pty.exit(), { code: 0 });
});

test("the command's exit code comes through", { skip }, async (t) => {
  assert.deepEqual(await openPty(t, "exit 7").exit(), { code: 7 });
});

test("Ctrl-C interrupts the command as from a keyboard", { skip }, async (t) => {
  const pty = openPty(
    t,
    "trap 'echo interrupted; exit 5' INT; echo ready; while :; do sleep 1; done",
  );
  await pty.expect(/ready/);
  pty.feed(CTRL_C);
  await pty.expect(/interrupted/);
  assert.deepEqual(await pty.exit(), { code: 5 });
});

test("an expectation in vain fails with the output, at the end or at the deadline", {
  skip,
}, async (t) => {
  await assert.rejects(
    openPty(t, "echo something").expect(/else/),
    /ended before it printed \/else\/; it printed:\nsomething/,
  );
  const silent = openPty(t, "echo waiting; sleep 60");
  await silent.expect(/waiting/);
  await assert.rejects(silent.expect(/never/, 50), /\/never\/ was not printed within 50 ms/);
  await assert.rejects(silent.exit(50), /did not end within 50 ms/);
});

test("closing kills the command and what it started, deaf processes too", { skip }, async (t) => {
  const pty = openPty(
    t,
    "trap '' HUP TERM INT; (trap '' HUP TERM INT; sleep 60) & echo pid:$!; wait",
  );
  const [, pid] = await pty.expect(/pid:(\d+)/);
  await pty.close();
  await eventually(() => !isRunning(Number(pid)), { what: "the grandchild is gone" });
});

test("on a terminal the log is readable and coloured by default", { skip }, async (t) => {
  const pty = openPty(t, `${process.execPath} ${WRITER} auto kill`, {
    // Not the whole environment: CI=true and NO_COLOR ask for no colours, rightly.
    env: { PATH: process.env.PATH, TERM: "xterm-256color" },
  });
  await pty.expect(/NOTICE.*counting/);
  assert.ok(pty.output.includes("\u001b[32mNOTICE\u001b[39m"), pty.output);
});
