/**
 * The prompt of `ringq` in a pseudo-terminal: typing, hints, Ctrl-C, lost servers, passwords.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startCluster } from "../support/cluster.ts";
import { testEnvironment } from "../support/environment.ts";
import { startNode } from "../support/node.ts";
import { cliPath } from "../support/programs.ts";
import { CTRL_C, hasPty, openPty, type Pty } from "../support/pty.ts";
import { tempDir } from "../support/temp-dir.ts";

const skip = hasPty() ? false : "there is no pseudo-terminal (script)";
/** With what readline says after it: where the cursor goes. */
const PROMPT = /(?:127\.0\.0\.1:\d+|not connected)> (?:\p{Cc}\[\d+G)?$/u;
const CTRL_D = "\x04";

interface Session {
  readonly pty: Pty;
  readonly history: string;
  /** Types a line as soon as the prompt is there. */
  type(line: string): Promise<void>;
}

/** A prompt in a terminal of 120 columns, with a history of its own. */
async function prompt(
  t: TestContext,
  args: string,
  env: Record<string, string> = {},
): Promise<Session> {
  const history = join(await tempDir(t), "history");
  const command = `stty cols 120 rows 40; exec ${process.execPath} ${cliPath} ${args}`;
  const pty = openPty(t, command, {
    env: testEnvironment({ TERM: "xterm", NO_COLOR: "", RINGQ_HISTFILE: history, ...env }),
  });
  const type = async (line: string): Promise<void> => {
    await pty.expect(PROMPT);
    pty.feed(`${line}\r`);
  };
  return { pty, history, type };
}

test("commands are typed with hints and completion, replies show their types", {
  skip,
}, async (t) => {
  const { port } = await startNode(t);
  const { pty, type, history } = await prompt(t, `-p ${port}`);
  await pty.expect(PROMPT);
  pty.feed("addj\t");
  await pty.expect(/addjob .*queue job ms-timeout/);
  pty.feed("q ");
  await pty.expect(/job ms-timeout \[REPLICATE count\]/);
  pty.feed('"hi there" 0\r');
  const [, id] = await pty.expect(/(D-\S{38})\r?\n/);
  await type("GETJOB FROM q");
  await pty.expect(/1\) 1\) "q"\s+2\) "D-.*"\s+3\) "hi there"/);
  await type(`ACKJOB ${id}`);
  await pty.expect(/\(integer\) 1/);
  await type("NOSUCH");
  await pty.expect(/\[31m\(error\) ERR unknown command 'NOSUCH'/);
  await type("help getjob");
  await pty.expect(/Takes jobs from queues/);
  await type("exit");
  assert.deepEqual(await pty.exit(), { code: 0 });
  assert.match(readFileSync(history, "utf8"), /^addjob q "hi there" 0\nGETJOB FROM q\n/);
});

test("Ctrl-C ends a command that waits, then a line, then the prompt", { skip }, async (t) => {
  const { port } = await startNode(t);
  const { pty, type } = await prompt(t, `-p ${port}`);
  await type("MONITOR");
  await pty.expect(/OK\r?\n/);
  pty.feed(CTRL_C);
  await pty.expect(/interrupted/);
  await type("PING");
  await pty.expect(/PONG/);
  await pty.expect(PROMPT);
  pty.feed("half a line");
  await pty.expect(/half a line/);
  pty.feed(CTRL_C);
  await pty.expect(/\^C/);
  await pty.expect(PROMPT);
  pty.feed(CTRL_C);
  assert.deepEqual(await pty.exit(), { code: 0 });
});

test("it goes on when the server is back", { skip }, async (t) => {
  const node = await startNode(t);
  const { pty, type } = await prompt(t, `-p ${node.port}`);
  await type("PING one");
  await pty.expect(/"one"\r?\n/);
  await pty.expect(PROMPT);
  await node.stop();
  pty.feed("PING two\r");
  await pty.expect(/cannot connect|closed the connection/);
  await pty.expect(/not connected> /);
  await node.restart();
  pty.feed("PING three\r");
  await pty.expect(/"three"\r?\n/);
  await pty.expect(/127\.0\.0\.1:\d+> /);
  pty.feed(CTRL_D);
  assert.deepEqual(await pty.exit(), { code: 0 });
});

test("from a node that leaves it goes on with another", { skip }, async (t) => {
  const cluster = await startCluster(t, 2);
  const { pty, type } = await prompt(t, `-p ${cluster.node(0).port}`);
  await cluster.call(0, "CLUSTER", "LEAVING", "yes");
  await cluster.add(1, "q", "from there");
  await type("GETJOB FROM q");
  await pty.expect(
    new RegExp(`is leaving the cluster; continuing on 127.0.0.1:${cluster.node(1).port}`),
  );
  await pty.expect(/"from there"/);
  await pty.expect(new RegExp(`127.0.0.1:${cluster.node(1).port}> `));
});

test("--askpass asks without showing what is typed", { skip }, async (t) => {
  const { port } = await startNode(t, { requirepass: "hunter2" });
  const { pty, type, history } = await prompt(t, `-p ${port} --askpass`);
  await pty.expect(/Password: /);
  pty.feed("hunteX\x7fr2\r");
  await type("PING");
  await pty.expect(/PONG/);
  await type("AUTH hunter2");
  await pty.expect(/OK/);
  await type("exit");
  await pty.exit();
  assert.ok(!readFileSync(history, "utf8").includes("hunter2"));
});

test("without a server the prompt says so and waits for one; connect goes elsewhere", {
  skip,
}, async (t) => {
  const { port } = await startNode(t);
  const { pty, type } = await prompt(t, "-p 1");
  await pty.expect(/cannot connect to 127\.0\.0\.1:1: Connection refused/);
  await type(`connect 127.0.0.1 ${port}`);
  await pty.expect(new RegExp(`127.0.0.1:${port}> `));
  pty.feed("PING\r");
  await pty.expect(/PONG/);
});
