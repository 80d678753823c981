/**
 * Reading memory when it has stopped changing.
 *
 * Collectors and allocators give memory back with a delay, and without a moment they would agree on.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "../../src/client/load/dialect.ts";
import { residentBytes } from "../../src/client/load/proc.ts";
import type { RunningServer } from "../compare/contender.ts";

const INTERVAL_MS = 250;
const SETTLE_MS = 10_000;

/** Long enough for what a server puts off until it is idle. */
const STEADY_MS = 3000;

/** Resident memory once it has changed by less than 1 MiB for three seconds, or after ten. */
export async function settledResidentBytes(pid: number): Promise<number> {
  let before = residentBytes(pid);
  let steadyMs = 0;
  for (let waitedMs = 0; waitedMs < SETTLE_MS && steadyMs < STEADY_MS; waitedMs += INTERVAL_MS) {
    await sleep(INTERVAL_MS);
    const now = residentBytes(pid);
    steadyMs = Math.abs(now - before) < 1024 * 1024 ? steadyMs + INTERVAL_MS : 0;
    before = now;
  }
  return before;
}

/** The bytes the server itself accounts for: `used_memory` of INFO. */
export async function accountedBytes(server: RunningServer): Promise<number> {
  const info = (await server.ask(request("INFO", "memory"))).toString("latin1");
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1] ?? Number.NaN);
}
