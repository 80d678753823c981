/**
 * COMMAND: the table as clients see it.
 *
 * The list of names is spelled out here, so that a command cannot disappear unnoticed.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeServer } from "../../support/fake-server.ts";
import type { WireReply } from "../../support/wire-replies.ts";

/** The commands of the reference in its order. */
const REFERENCE = [
  ..."auth ping info shutdown monitor debug config cluster client slowlog time command".split(" "),
  ..."latency hello addjob getjob ackjob fastack deljob show loadjob bgrewriteaof".split(" "),
  ..."qlen qpeek qstat qscan jscan enqueue nack dequeue working pause".split(" "),
];
const ADDED = ["echo", "select", "reset"];
const ADDJOB = ["$addjob", ":-4", ["+write", "+denyoom", "+fast"], ":0", ":0", ":0"];

function firstOf(reply: WireReply | undefined): WireReply[] {
  assert.ok(Array.isArray(reply));
  return reply.map((entry) => (Array.isArray(entry) ? (entry[0] ?? "") : entry));
}

/** Names and values in turn, as RESP2 has them. */
function pairs(fields: readonly [string, WireReply][]): WireReply[] {
  return fields.flat();
}

test("the table lists the reference's commands in its order, then ours", () => {
  const client = new FakeServer().connect();
  const names = [...REFERENCE, ...ADDED].map((name) => `$${name}`);
  assert.deepEqual(firstOf(client.send("COMMAND")), names);
  assert.deepEqual(client.send("COMMAND", "LIST"), names);
  assert.equal(client.send("COMMAND", "COUNT"), `:${names.length}`);
});

test("INFO describes commands in the order asked, and nulls where there is none", () => {
  const client = new FakeServer().connect();
  assert.deepEqual(client.send("COMMAND", "INFO", "AddJob", "nosuch", "quit", "auth"), [
    ADDJOB,
    "nil$",
    "nil$",
    ["$auth", ":2", ["+readonly", "+loading", "+fast"], ":0", ":0", ":0"],
  ]);
  assert.deepEqual(client.send("COMMAND", "INFO"), []);
});

test("what was renamed is listed under its new name, and what was removed not at all", () => {
  const renames = [
    { from: "addjob", to: "put" },
    { from: "debug", to: "" },
  ];
  const client = new FakeServer({ renames }).connect();
  const PUT = ["$put", ...ADDJOB.slice(1)];
  assert.deepEqual(client.send("COMMAND", "INFO", "addjob", "Put", "debug"), ["nil$", PUT, "nil$"]);
  const names = [...REFERENCE, ...ADDED]
    .filter((name) => name !== "debug")
    .map((name) => (name === "addjob" ? "$put" : `$${name}`));
  assert.deepEqual(client.send("COMMAND", "LIST"), names);
  assert.deepEqual(firstOf(client.send("COMMAND")), names);
  assert.equal(client.send("COMMAND", "COUNT"), `:${names.length}`);
  assert.deepEqual(client.send("COMMAND", "DOCS", "addjob", "debug"), []);
  assert.equal(firstOf(client.send("COMMAND", "DOCS", "put"))[0], "$put");
});

test("GETKEYS answers the queues that a request names", () => {
  const client = new FakeServer().connect();
  const keys = (...words: string[]): WireReply | undefined =>
    client.send("COMMAND", "GETKEYS", ...words);
  assert.deepEqual(keys("getjob", "NOHANG", "FROM", "a", "b"), ["$a", "$b"]);
  assert.equal(keys("nosuch", "a"), "-ERR Invalid command specified");
  assert.equal(keys("QPEEK", "q"), "-ERR Invalid number of arguments specified for command");
  assert.equal(keys("PING"), "-ERR The command has no key arguments");
});

test("DOCS is a map of maps in RESP3 and nested pairs in RESP2", () => {
  const client = new FakeServer().connect();
  const message: [string, WireReply][] = [
    ["$name", "$message"],
    ["$type", "$string"],
    ["$display_text", "$message"],
    ["$flags", ["+optional"]],
  ];
  const ping: [string, WireReply][] = [
    ["$summary", "$Tells whether the server is there."],
    ["$since", "$0.1.0"],
    ["$group", "$connection"],
  ];
  assert.deepEqual(client.send("COMMAND", "DOCS", "ping", "nosuch"), [
    "$ping",
    [...pairs(ping), "$arguments", [pairs(message)]],
  ]);
  client.send("HELLO", "3");
  assert.deepEqual(
    client.send("COMMAND", "DOCS", "PING"),
    new Map([["$ping", new Map([...ping, ["$arguments", [new Map(message)]]])]]),
  );
});

test("DOCS without names is about all commands", () => {
  const client = new FakeServer().connect();
  client.send("HELLO", "3");
  const docs = client.send("COMMAND", "DOCS");
  assert.ok(docs instanceof Map);
  assert.equal(docs.size, REFERENCE.length + ADDED.length);
  assert.ok(!docs.has("$quit"));
});

test("DOCS shows tokens and nested parts, and leaves out what is not there", () => {
  const client = new FakeServer().connect();
  const addjob = JSON.stringify(client.send("COMMAND", "DOCS", "addjob"));
  assert.ok(addjob.includes('"$token","$RETRY","$flags",["+optional"]'), addjob);
  const getjob = JSON.stringify(client.send("COMMAND", "DOCS", "getjob"));
  assert.ok(getjob.includes('"$token","$FROM","$flags",["+multiple"]'), getjob);
  const hello = JSON.stringify(client.send("COMMAND", "DOCS", "hello"));
  assert.ok(hello.includes('"$type","$block","$display_text","$auth","$token","$AUTH"'), hello);
  const reset = client.send("COMMAND", "DOCS", "reset");
  assert.ok(Array.isArray(reset) && Array.isArray(reset[1]));
  assert.equal(reset[1].length, 6, "no arguments");
});

test("other forms are errors", () => {
  const client = new FakeServer().connect();
  for (const form of ["FOO", "COUNT x", "LIST x"]) {
    assert.equal(
      client.send("COMMAND", ...form.split(" ")),
      "-ERR Unknown subcommand or wrong number of arguments.",
    );
  }
});

test("more names than there are commands are refused: each may be answered with a page", () => {
  const client = new FakeServer().connect();
  for (const form of ["DOCS", "INFO"]) {
    const many = Array.from({ length: 2000 }, () => "client");
    assert.match(String(client.send("COMMAND", form, ...many)), /^-ERR/);
    assert.ok(Array.isArray(client.send("COMMAND", form, ...many.slice(1000))));
  }
});
