/**
 * A server with a log that is killed again and again while clients work with it.
 *
 * What was promised is checked all the time and at the end (log-traffic.ts). Short ones run with the tests,
 * long ones by `npm run kills`.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { delay } from "../support/eventually.ts";
import { type Directives, startNode, type TestNode } from "../support/node.ts";
import { LogTraffic } from "./log-traffic.ts";
import { RawClient } from "./raw-client.ts";

/** How often, and what happens in between. */
export interface Killing {
  readonly kills: number;
  /** Beside `appendonly yes`. */
  readonly settings: Directives;
  /** For how long the server works before a kill, ms. */
  readonly lifeMs: (kill: number) => number;
  /** The log is rewritten all the time. */
  readonly isRewriting: boolean;
}

/** Runs it, and returns what clients were promised. Fails when a promise was broken. */
export async function killAgainAndAgain(t: TestContext, killing: Killing): Promise<LogTraffic> {
  const traffic = new LogTraffic(t);
  let node = await startNode(t, { appendonly: "yes", ...killing.settings });
  for (let kill = 0; kill < killing.kills; kill++) {
    const work = traffic.run(await traffic.connect(node));
    const lifeMs = killing.lifeMs(kill);
    await Promise.all([delay(lifeMs), killing.isRewriting && rewrite(node, lifeMs)]);
    await node.kill9();
    await work;
    node = await node.restart();
    const client = await RawClient.connect(t, { port: node.port });
    assert.equal(await client.call("DEBUG", "CHECK"), "OK");
  }
  await traffic.drain(node);
  assert.equal(await node.stop(), 0);
  return traffic;
}

/** Begins one pass after the other. */
async function rewrite(node: TestNode, forMs: number): Promise<void> {
  const client = await node.client();
  const endsAtMs = performance.now() + forMs;
  while (performance.now() < endsAtMs) await client.call("BGREWRITEAOF");
}
