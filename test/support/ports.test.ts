/** Ports that stay those of a test while its server is down. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { promisify } from "node:util";
import { reservePort } from "./ports.ts";

const LOWEST_CHOSEN_BY_A_SYSTEM = 32_768;

test("Ports of tests are below those that systems choose, with their buses", async () => {
  const ports = await Promise.all(Array.from({ length: 100 }, reservePort));
  assert.equal(new Set(ports).size, ports.length, "each is given once");
  for (const port of ports) assert.ok(port + 10_000 < LOWEST_CHOSEN_BY_A_SYSTEM, String(port));
});

test("A port where somebody listens, or at its bus, is left out", async () => {
  const taken = [(await reservePort()) + 1, (await reservePort()) + 10_001];
  const servers = taken.map((port) => createServer().listen(port, "127.0.0.1"));
  const next = await reservePort();
  assert.ok(next > Math.max(taken[0] ?? 0, (taken[1] ?? 0) - 10_000), String(next));
  await Promise.all(servers.map((server) => promisify(server.close.bind(server))()));
});
