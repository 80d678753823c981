/** What a request is about: found for every command that says so in its documentation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArgumentSpec } from "../../src/commands/command.ts";
import { concernsOf } from "../../src/commands/concerns.ts";
import { commandSpecs } from "../../src/commands/table.ts";
import { requestOf } from "./request-of.ts";
import { specNamed } from "./specs.ts";

const ID = "D-93b92e01-fsRrZtcJNOPyFBgEG0aTb+aB-05a1";

/** Requests, and what they name: queues are called q..., jobs have the id. */
const requests: readonly string[] = [
  "ADDJOB q1 FROM 0 RETRY 5",
  "GETJOB NOHANG COUNT 2 FROM q1 q2 q3",
  "GETJOB TIMEOUT 5 from q",
  "JSCAN 0 COUNT 3 QUEUE q REPLY ALL",
  "JSCAN queue q1 QUEUE q2",
  "JSCAN 0",
  "JSCAN 0 QUEUE",
  "QSCAN 0 MINLEN 3",
  "QLEN q CLUSTER",
  "QSTAT q",
  "QPEEK q -3",
  "PAUSE q in bcast",
  `ACKJOB ${ID} ${ID}`,
  `FASTACK ${ID}`,
  `DELJOB ${ID} ${ID}`,
  `ENQUEUE ${ID}`,
  `NACK ${ID}`,
  `DEQUEUE ${ID}`,
  `WORKING ${ID}`,
  `SHOW ${ID}`,
  "ACKJOB",
  "PING from",
];

test("queues and jobs are found where the command takes them, and nothing else is", () => {
  for (const text of requests) {
    const words = text.split(" ");
    const spec = specNamed((words[0] ?? "").toLowerCase());
    const expected = (pattern: RegExp): number[] =>
      words.flatMap((word, i) => (pattern.test(word) ? [i] : []));
    const request = requestOf(...words);
    assert.deepEqual(concernsOf(spec, "queue", request), expected(/^q\d?$/), text);
    assert.deepEqual(concernsOf(spec, "job", request), expected(/^D-/), text);
    const behind = requestOf("COMMAND", "GETKEYS", ...words);
    assert.deepEqual(
      concernsOf(spec, "queue", behind, 2),
      expected(/^q\d?$/).map((i) => i + 2),
    );
  }
});

test("every argument that is called a queue or a job's id says so by its type", () => {
  const check = (argument: ArgumentSpec, command: string): void => {
    if (argument.name === "queue") assert.equal(argument.type, "queue", command);
    if (argument.name === "jobid") assert.equal(argument.type, "job", command);
    // Inside a block its place would not be found.
    for (const part of argument.parts ?? []) assert.ok(!/^(queue|job)$/.test(part.type), command);
  };
  for (const { name, arguments: all } of commandSpecs) for (const one of all) check(one, name);
});
