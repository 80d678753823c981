/**
 * Any arguments for any command: it answers exactly once, or blocks, or closes, and never throws.
 *
 * Arguments are drawn from the words that commands know, from numbers at the edges, and from random
 * bytes, so that most requests get past the first check. After each round the server must still be sane.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArgumentSpec } from "../../src/commands/command.ts";
import { commandSpecs } from "../../src/commands/table.ts";
import { checkBroker } from "../../src/core/broker-check.ts";
import type { FakeClient } from "../support/fake-client.ts";
import { FakeServer } from "../support/fake-server.ts";
import { fc } from "../support/fast-check.ts";

/** Commands that may not answer: they silence, stop or end the connection. */
const SILENT = new Set(["client", "shutdown", "debug", "quit", "getjob"]);

function tokensOf(args: readonly ArgumentSpec[]): string[] {
  return args.flatMap(({ token, parts = [] }) => [
    ...(token === undefined ? [] : [token]),
    ...tokensOf(parts),
  ]);
}

const words = [...new Set(commandSpecs.flatMap((spec) => tokensOf(spec.arguments)))];
const numbers = ["0", "1", "-1", "2", "3", "10", "65536", "4294967296", "9007199254740993", "1e3"];
const ids = [
  "D-00000000-000000000000000000000000-0fff",
  "D-dcb833cf-8YAI17CWEoVeOHqzqOQ5GZiq-05a1",
];
const others = [
  "",
  "q",
  "*",
  "default",
  "secret",
  "127.0.0.1",
  "yes",
  "no",
  "x y",
  "\0",
  "normal",
  "requirepass",
  "maxmemory",
];

const argument = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...words) },
  { weight: 3, arbitrary: fc.constantFrom(...numbers) },
  { weight: 3, arbitrary: fc.constantFrom(...others, ...ids) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) },
);
const request = fc.record({
  name: fc.constantFrom(...commandSpecs.map((spec) => spec.name)),
  args: fc.array(argument, { maxLength: 7 }),
});

/** The server stands as it did: its books agree and somebody else gets answers. */
function assertSane(server: FakeServer): void {
  server.state.clients.pausedUntilMs = 0;
  assert.equal(server.connect().send("QUIT"), "+OK");
  checkBroker(server.state.broker);
}

function run(client: FakeClient, name: string, args: (string | Uint8Array)[]): void {
  const reply = client.send(name, ...args);
  const more = client.readAll();
  if (client.session.isMonitor || SILENT.has(name)) return;
  assert.notEqual(reply, undefined, "a reply");
  assert.deepEqual(more, [], "only one reply");
}

test("one request of any kind to a fresh server is answered once", () => {
  fc.assert(
    fc.property(request, ({ name, args }) => {
      const server = new FakeServer({ settings: { "enable-debug-command": "yes" } });
      run(server.connect(), name, args);
      assertSane(server);
    }),
    { numRuns: 3000 },
  );
});

test("any conversation of two clients leaves a server that works", () => {
  const conversation = fc.array(fc.tuple(fc.boolean(), request), { maxLength: 40 });
  fc.assert(
    fc.property(conversation, (steps) => {
      const server = new FakeServer();
      const clients = [server.connect(), server.connect()];
      for (const [isFirst, { name, args }] of steps) {
        const at = isFirst ? 0 : 1;
        if (clients[at]?.isClosed !== false) clients[at] = server.connect();
        clients[at]?.send(name, ...args);
        clients[at]?.readAll();
      }
      server.state.clients.pausedUntilMs = 0;
      server.advance(100);
      assertSane(server);
    }),
    { numRuns: 300 },
  );
});
