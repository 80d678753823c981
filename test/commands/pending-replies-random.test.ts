/**
 * Any mix of requests, settled in any order, is answered as if each had been run after the one before:
 * compared with a list that only knows what the reply to each must look like.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBroker } from "../../src/core/broker-check.ts";
import type { Arg, FakeClient } from "../support/fake-client.ts";
import { FakeCopies } from "../support/fake-copies.ts";
import { FakeServer } from "../support/fake-server.ts";
import { fc } from "../support/fast-check.ts";
import { encodeRequest } from "../support/wire-replies.ts";

const KINDS = [
  "slow",
  "slow",
  "slow",
  "fast",
  "async",
  "error",
  "echo",
  "skip",
  "unknown",
] as const;
type Kind = (typeof KINDS)[number];

/** What happens: requests come in some pieces, the copies of some job exist or do not, a turn ends. */
const steps = fc.array(
  fc.oneof(
    fc.record({
      send: fc.array(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 12 }),
      pieces: fc.integer({ min: 1, max: 40 }),
    }),
    fc.record({ settle: fc.nat(30), works: fc.boolean() }),
    fc.record({ settle: fc.nat(2), works: fc.boolean() }),
    fc.constant("turn" as const),
  ),
  { maxLength: 40 },
);

function requestOf(kind: Kind, number: number): Arg[] {
  const add = ["ADDJOB", "q", number, 0, "REPLICATE"];
  switch (kind) {
    case "slow":
      return [...add, 2];
    case "fast":
      return [...add, 1];
    case "async":
      return [...add, 2, "ASYNC"];
    case "error":
      return [...add, 0];
    case "echo":
      return ["ECHO", number];
    case "skip":
      return ["CLIENT", "REPLY", "SKIP"];
    case "unknown":
      return ["NOSUCH"];
  }
}

/** The same conversation as a list of what each reply must be. */
class Model {
  readonly replies: RegExp[] = [];
  /** Numbers of the jobs whose replies are not known, and where they will stand. */
  readonly #slow = new Map<number, number>();
  #isSkipping = false;

  sent(kind: Kind, number: number): void {
    if (kind === "skip") {
      this.#isSkipping = true;
      return;
    }
    const isSkipped = this.#isSkipping;
    this.#isSkipping = false;
    if (isSkipped) return;
    if (kind === "slow") this.#slow.set(number, this.replies.length);
    const shapes = { fast: "^\\+D-", async: "^\\+D-", echo: `^\\$${number}$`, slow: "none" };
    const shape = kind === "unknown" || kind === "error" ? "^-ERR" : shapes[kind];
    this.replies.push(new RegExp(shape));
  }

  settled(number: number, shape: string): void {
    const at = this.#slow.get(number);
    if (at !== undefined) this.replies[at] = new RegExp(shape);
  }
}

/** Settles one of the open jobs. */
function settle(
  server: FakeServer,
  copies: FakeCopies,
  model: Model,
  step: { settle: number; works: boolean },
): void {
  if (copies.open.length === 0) return;
  const place = step.settle % copies.open.length;
  const { jobs } = server.state.broker;
  const { job } = copies.open[place] as (typeof copies.open)[number];
  const body = Buffer.alloc(jobs.bodyBytes(job));
  jobs.copyBody(job, body, 0);
  const number = Number(body.toString("latin1"));
  if (step.works) model.settled(number, `^\\+${copies.replicate(place).replaceAll("+", "\\+")}$`);
  else {
    copies.fail(place, "timeout");
    model.settled(number, "^-NOREPL");
  }
}

function feed(client: FakeClient, bytes: Buffer, pieces: number): void {
  const size = Math.ceil(bytes.length / pieces);
  for (let at = 0; at < bytes.length; at += size) client.feed(bytes.subarray(at, at + size));
}

test("replies come in the order of the requests, each exactly once", () => {
  fc.assert(
    fc.property(steps, (conversation) => {
      const server = new FakeServer();
      const copies = new FakeCopies(server.state);
      const client = server.connect();
      const model = new Model();
      const replies: string[] = [];
      let sent = 0;
      for (const step of conversation) {
        if (step === "turn") {
          server.turn();
        } else if ("send" in step) {
          const requests = step.send.map((kind, i) => requestOf(kind, sent + i));
          for (const [i, kind] of step.send.entries()) model.sent(kind, sent + i);
          sent += step.send.length;
          feed(client, Buffer.concat(requests.map(encodeRequest)), step.pieces);
        } else {
          settle(server, copies, model, step);
        }
        replies.push(...client.readAll().map(String));
      }
      server.turn();
      while (copies.open.length > 0) {
        settle(server, copies, model, { settle: sent, works: true });
        server.turn();
      }
      replies.push(...client.readAll().map(String));
      assert.equal(replies.length, model.replies.length);
      for (const [i, shape] of model.replies.entries()) assert.match(String(replies[i]), shape);
      assert.equal(client.unsentBytes, 0);
      checkBroker(server.state.broker);
    }),
    { numRuns: 300 },
  );
});
