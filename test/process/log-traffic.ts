/**
 * Producers and consumers of one server that is killed all the time, and what they were promised.
 *
 * They note every reply: a job whose ADDJOB was answered must be delivered until it is acknowledged, and
 * must never be delivered again once ACKJOB was answered. What was asked and not answered may have
 * happened or not. They say nothing about order or about how often a job is delivered before.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { TestNode } from "../support/node.ts";
import { RawClient } from "./raw-client.ts";

const BATCH = 20;

/** All that was promised in one test. */
export class LogTraffic {
  /** Ids of jobs whose ADDJOB was answered. */
  readonly added = new Set<string>();
  /** Ids of jobs whose ACKJOB was answered. */
  readonly acked = new Set<string>();
  /** Ids of jobs for which ACKJOB was sent. */
  readonly #asked = new Set<string>();
  readonly #t: TestContext;

  constructor(t: TestContext) {
    this.#t = t;
  }

  /** Connections for `run`: made before it, so that no kill comes in between. */
  connect(node: TestNode): Promise<RawClient[]> {
    const connecting = [1, 2, 3].map(() => RawClient.connect(this.#t, { port: node.port }));
    return Promise.all(connecting);
  }

  /** Adds jobs, takes them with the last client and acknowledges half of them, until the server is gone. */
  async run(clients: readonly RawClient[]): Promise<void> {
    const isLast = (index: number): boolean => index === clients.length - 1;
    await Promise.all(
      clients.map((client, index) =>
        isLast(index) ? this.#consume(client) : this.#produce(client),
      ),
    );
  }

  /** Takes and acknowledges jobs until every job that was promised has been seen. */
  async drain(node: TestNode): Promise<void> {
    const client = await RawClient.connect(this.#t, { port: node.port });
    const isOpen = (): boolean => [...this.added].some((id) => !this.#asked.has(id));
    for (let vain = 0; isOpen(); ) {
      vain = (await this.#takeSome(client, BATCH, 1)) > 0 ? 0 : vain + 1;
      assert.ok(vain < 20, `${this.added.size} added, and some never come back`);
    }
  }

  async #produce(client: RawClient): Promise<void> {
    const job = ["ADDJOB", "q", "x".repeat(100), "0", "RETRY", "1"] as const;
    try {
      for (;;) {
        client.send(...Array.from({ length: BATCH }, () => job));
        for (let i = 0; i < BATCH; i++) {
          const id = String(await client.read());
          assert.match(id, /^D-/);
          this.added.add(id);
        }
      }
    } catch (error) {
      this.#onlyGone(client, error);
    }
  }

  async #consume(client: RawClient): Promise<void> {
    try {
      for (;;) await this.#takeSome(client, BATCH, 2);
    } catch (error) {
      this.#onlyGone(client, error);
    }
  }

  /** Takes jobs and acknowledges every `part`th one. Returns how many it took. */
  async #takeSome(client: RawClient, count: number, part: number): Promise<number> {
    const jobs = await client.call("GETJOB", "TIMEOUT", 300, "COUNT", count, "FROM", "q");
    if (jobs === null) return 0;
    assert.ok(Array.isArray(jobs));
    const ids = jobs.map((job) => String((job as unknown[])[1]));
    for (const id of ids) assert.ok(!this.acked.has(id), `${id} was acknowledged before`);
    const chosen = ids.filter((_, i) => i % part === 0);
    for (const id of chosen) this.#asked.add(id);
    client.send(...chosen.map((id) => ["ACKJOB", id]));
    for (const id of chosen) {
      await client.read();
      this.acked.add(id);
    }
    return ids.length;
  }

  /** The end of the connection is expected, nothing else is. */
  #onlyGone(client: RawClient, error: unknown): void {
    if (!client.hasEnded || error instanceof assert.AssertionError) throw error;
  }
}
