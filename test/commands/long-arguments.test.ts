/**
 * Arguments that are far too long, in every place of every command of the server.
 *
 * An argument may have half a gigabyte, and a string no more. Nothing but what is meant to hold
 * data may come back as long as it was sent, or be remembered.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { commandSpecs } from "../../src/commands/table.ts";
import { FakeServer } from "../support/fake-server.ts";

const LONG = "x".repeat(1_000_000);
const REPLY_CHARS_MAX = 20_000;
/** These give data back as it came. */
const ECHOING = new Set(["ping", "echo"]);

/** Words that lead into the forms of the command. */
function formsOf(name: string): string[] {
  const parts = commandSpecs.find((spec) => spec.name === name)?.arguments[0]?.parts ?? [];
  return parts.map((part) => part.parts?.[0]?.token ?? part.token ?? "");
}

for (const spec of commandSpecs) {
  if (ECHOING.has(spec.name) || spec.group === "job" || spec.group === "queue") continue;
  test(`${spec.name} takes endless arguments for what they are`, () => {
    for (const form of ["", ...formsOf(spec.name)]) {
      for (let count = 1; count <= 4; count++) {
        const server = new FakeServer({ settings: { requirepass: "secret" } });
        const client = server.connect();
        client.send("AUTH", "secret");
        const args = Array.from({ length: count }, () => LONG);
        const reply = client.send(spec.name, ...(form === "" ? [] : [form]), ...args);
        assert.ok(JSON.stringify(reply ?? "").length < REPLY_CHARS_MAX, `${spec.name} ${form}`);
        assert.ok(client.session.name.length + client.session.libraryName.length < 2048);
      }
    }
  });
}

test("a value that is cut is never a valid one", () => {
  const server = new FakeServer();
  const client = server.connect();
  const limits = "normal 0 0 0 ".repeat(10_000);
  const cases = [
    ["client-output-buffer-limit", limits],
    ["requirepass", LONG],
    ["dir", LONG],
    ["timeout", "0".repeat(9000)],
    ["announce-ip", LONG],
  ] as const;
  for (const [name, value] of cases) {
    const reply = String(client.send("CONFIG", "SET", name, value));
    assert.ok(reply.startsWith("-ERR Invalid argument '"), name);
    assert.ok(reply.endsWith(`...' for CONFIG SET '${name}'`), name);
  }
});
