/**
 * Playing a transcript reports every kind of wrong answer.
 *
 * Against a tiny server that answers from a table, because a real one is hopefully never wrong.
 */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { type TestContext, test } from "node:test";
import type { Step } from "./format.ts";
import { playScenario } from "./play.ts";
import { bulk, error, hangUp, hear, id, integer, ok, say, sayRaw, silence } from "./steps.ts";

const JOB = "D-0123abcd-ABCDEFGHIJKLMNOPQRSTUVWX-05a1";

const answers: Record<string, string> = {
  PING: "+OK\r\n",
  TWICE: "+OK\r\n:2\r\n",
  QUIET: "",
  QUIT: "",
  ADD: `+${JOB}\r\n`,
  FAIL: "-ERR no\r\n",
};

/** A server that answers the first word of whatever arrives; echoes what it does not know. */
async function answeringServer(t: TestContext): Promise<{ port: number; heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.setEncoding("latin1").on("data", (text: string) => {
      const word = /[A-Z]+/.exec(text)?.[0] ?? "";
      heard.push(text);
      socket.write(answers[word] ?? `$${text.length}\r\n${text}\r\n`, "latin1");
      if (word === "QUIT") socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return { port: address.port, heard };
}

/** Plays the steps and returns what was wrong with each. */
async function failures(t: TestContext, ...steps: Step[]): Promise<(string | undefined)[]> {
  const { port } = await answeringServer(t);
  const results = await playScenario({ port }, { name: "x", fresh: false, steps });
  return results.map(({ failure }) => failure);
}

test("right answers pass", async (t) => {
  const steps: Step[] = [
    say("PING", ok),
    say("TWICE", ok),
    hear(integer(2)),
    silence("QUIET"),
    say("FAIL", error("ERR no"), { match: "error" }),
    say("ADD", id(1), { jobid_ttl: "05a1" }),
    sayRaw("<jobid:1>\r\n", bulk("<jobid:1>\r\n"), { conn: "b" }),
    { send: ["QUIT"], closed: true },
  ];
  assert.deepEqual(await failures(t, ...steps), new Array(8).fill(undefined));
});

test("wrong answers are reported", async (t) => {
  const found = await failures(
    t,
    say("PING", integer(1)),
    say("FAIL", error("ERR yes"), { match: "error" }),
    say("PING", ok, { min_ms: 60_000 }),
    say("PING", ok, { sleep_ms: 5, max_ms: -1 }),
    say("ADD", id(1), { jobid_ttl: "05a0" }),
    silence("TWICE"),
  );
  assert.match(found[0] ?? "", /^expected .* got .*OK/);
  assert.match(found[1] ?? "", /^expected .*yes.* got .*no/);
  assert.match(found[2] ?? "", /at least 60000/);
  assert.match(found[3] ?? "", /at most -1/);
  assert.match(found[4] ?? "", /does not end with 05a0/);
  assert.match(found[5] ?? "", /^unexpected .*\+OK/);
});

test("a connection that ends too early fails the rest; one that stays open is not closed", async (t) => {
  const [quit, later] = await failures(t, say("QUIT", ok), say("PING", ok));
  assert.match(quit ?? "", /could not be carried out/);
  assert.match(later ?? "", /not played/);
  const [data] = await failures(t, { ...hangUp(), send: ["PING"] });
  assert.match(data ?? "", /not closed/);
});

test("a fresh scenario empties the server first, and cleanup comes last", async (t) => {
  const { port, heard } = await answeringServer(t);
  const scenario = { name: "x", fresh: true, steps: [say("PING", ok)], cleanup: [["ADD", "z"]] };
  await playScenario({ port }, scenario);
  const words = heard.map((text) => text.replace(/\r\n/g, " "));
  assert.match(words[0] ?? "", /DEBUG .*FLUSHALL/);
  assert.match(words.at(-2) ?? "", /PING/);
  assert.match(words.at(-1) ?? "", /ADD .*z/);
});
