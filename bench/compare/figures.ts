/**
 * What a running server says of itself, and waiting until it says something else.
 *
 * For what no load measures: how many jobs or bytes there are, whether something is still under way.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "../../src/client/load/connection.ts";
import { request } from "../../src/client/load/dialect.ts";

const POLL_MS = 20;
/** Longer than anything waited for takes. */
const PATIENCE_MS = 30_000;

/** Waits until it is so; throws when it takes too long. */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const endsMs = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > endsMs) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    await sleep(POLL_MS);
  }
}

/** A figure of INFO. Throws when there is none of this name. */
export async function figureOf(port: number, name: string): Promise<number> {
  const info = (await ask(port, request("INFO", "everything"))).toString("latin1");
  const value = new RegExp(`^${name}:([\\d.]+)`, "m").exec(info)?.[1];
  if (value === undefined) throw new Error(`INFO has no ${name}`);
  return Number(value);
}
