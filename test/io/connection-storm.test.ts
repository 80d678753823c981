/**
 * Many connections that do anything at any time: block, send ahead, stop reading, vanish. Afterwards
 * every job is accounted for, replies came in order, also to those who had closed their half, and
 * nothing is left of those who have gone. In every second storm little may be sent ahead.
 *
 * Everything follows from the seed, which the message of a failure names.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBroker } from "../../src/core/broker-check.ts";
import { Xorshift } from "../../src/util/xorshift.ts";
import { encode } from "../process/raw-client.ts";
import { type FakeSocket, settled, WiredServer } from "./wired-server.ts";

const SEEDS = 60;
const STEPS = 80;
const LONG = 300;
const LITTLE = 1024 * 1024;
const BODY = /job-\d+-retry-\d+/g;

/** A socket, and what the test knows of the client behind it. */
interface Client {
  readonly socket: FakeSocket;
  echoes: number;
  /** Nothing happened to it after which replies may be missing. */
  isSound: boolean;
  /** It has closed its half. */
  hasEnded: boolean;
}

class Storm {
  readonly #server: WiredServer;
  readonly #random: Xorshift;
  readonly #clients: Client[] = [];
  #bodies = 0;

  constructor(server: WiredServer, seed: number) {
    this.#server = server;
    this.#random = new Xorshift(seed);
  }

  async run(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      if (this.#clients.length < 8 && this.#random.below(3) === 0) this.#connect();
      const client = this.#clients[this.#random.below(8)];
      if (client !== undefined && !client.socket.destroyed) await this.#act(client);
      // Several things happen in one turn, now and then.
      if (this.#random.below(3) > 0) await settled();
    }
  }

  #connect(): void {
    this.#clients.push({
      socket: this.#server.attach(),
      echoes: 0,
      isSound: true,
      hasEnded: false,
    });
  }

  async #act(client: Client): Promise<void> {
    const { socket } = client;
    switch (this.#random.below(16)) {
      case 0:
        socket.isStuck = true;
        return;
      case 1:
        return socket.unstick();
      case 2:
        return this.#server.advance(this.#random.below(1000));
      case 3:
        return this.#end(client);
      default:
        // A real socket hands over nothing while it is paused.
        if (!socket.isPaused() && !client.hasEnded) socket.feed(encode(...this.#requests(client)));
    }
  }

  #end(client: Client): void {
    const { socket } = client;
    const way = this.#random.below(client.hasEnded ? 2 : 5);
    client.isSound &&= way === 2;
    switch (way) {
      case 0:
        socket.destroy();
        return;
      case 2:
        client.hasEnded = true;
        socket.endInput();
        return;
      case 1:
        // The kernel knows of the reset, and tells it at the next write.
        socket.isReset = true;
        return;
      case 3:
        socket.feed(Buffer.from("*1\r\n+garbage\r\n"));
        return;
      default:
        socket.feed(Buffer.from("QUIT\r\n"));
    }
  }

  #requests(client: Client): (string | number)[][] {
    const queue = `q${this.#random.below(2)}`;
    const echo = ["ECHO", `<${client.echoes++}>${"x".repeat(this.#random.below(3) * 200_000)}`];
    switch (this.#random.below(6)) {
      case 0:
        return [["CLIENT", "PAUSE", this.#random.below(100)], echo];
      case 1:
        return [["GETJOB", "NOHANG", "COUNT", 3, "FROM", queue], echo];
      case 2:
        return [["GETJOB", "TIMEOUT", 1 + this.#random.below(500), "FROM", "q0", "q1"], echo];
      case 3:
        return [echo];
      default: {
        const retry = this.#random.below(2) * LONG;
        const body = `job-${this.#bodies++}-retry-${retry}`;
        return [["ADDJOB", queue, body, 0, "RETRY", retry, "REPLICATE", 1], echo];
      }
    }
  }

  /** Lets everybody read and wait to the end; then the sound ones have all their replies. */
  async calm(): Promise<void> {
    for (let i = 0; i < 150; i++) {
      for (const { socket } of this.#clients) await socket.unstick();
      await this.#server.advance(600);
    }
    for (const { socket, isSound, echoes } of this.#clients) {
      const text = Buffer.concat(socket.writes).toString("latin1");
      const seen = [...text.matchAll(/<(\d+)>/g)].map((match) => Number(match[1]));
      assert.deepEqual(seen, [...seen.keys()], "replies come in order and without gaps");
      if (!isSound || text.includes("too much sent ahead")) continue;
      assert.equal(seen.length, echoes, "a sound client has all its replies");
    }
  }

  /** What the kernel has of a body, and what it was given and never took. */
  #fate(): { delivered: Map<string, number>; inFlight: Set<string> } {
    const delivered = new Map<string, number>();
    const inFlight = new Set<string>();
    for (const { socket } of this.#clients) {
      const written = bodiesIn(socket.writes);
      for (const body of written) delivered.set(body, (delivered.get(body) ?? 0) + 1);
      for (const body of bodiesIn(socket.handed)) if (!written.includes(body)) inFlight.add(body);
    }
    return { delivered, inFlight };
  }

  /** Everybody goes; then nothing is left but jobs, and none of them is missing. */
  async end(): Promise<void> {
    const { clients, state } = this.#server;
    for (const { socket } of this.#clients) socket.destroy();
    await settled();
    assert.equal(clients.count, 0);
    assert.equal(state.clients.count, 0);
    assert.equal(state.broker.bufferBytes, 0);
    assert.equal(state.broker.waiting.count, 0);
    checkBroker(state.broker);
    const queued = new Set(await this.#queued());
    const { delivered, inFlight } = this.#fate();
    for (const [body, times] of delivered) {
      if (!body.endsWith("retry-0")) continue;
      assert.equal(times, 1, `${body} was delivered ${times} times`);
      assert.ok(!queued.has(body), `${body} is queued again`);
    }
    for (const body of inFlight) {
      if (delivered.has(body) || queued.has(body)) continue;
      assert.ok(body.endsWith("retry-0"), `${body} is lost`);
    }
    const known = new Set([...delivered.keys(), ...queued, ...inFlight]);
    assert.equal(known.size, state.broker.stats.jobsAdded, "every job is somewhere");
  }

  async #queued(): Promise<string[]> {
    const heir = this.#server.attach();
    await heir.send(["GETJOB", "NOHANG", "COUNT", 10_000, "FROM", "q0", "q1"]);
    heir.destroy();
    return bodiesIn(heir.writes);
  }
}

function bodiesIn(chunks: Buffer[]): string[] {
  const text = Buffer.concat(chunks).toString("latin1");
  return [...text.matchAll(BODY)].map((match) => match[0]);
}

test(`${SEEDS} storms lose no job, deliver no at-most-once job twice, and leave nothing behind`, async (t) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const settings = seed % 2 === 0 ? {} : { "client-query-buffer-limit": LITTLE };
    const storm = new Storm(new WiredServer(t, settings), seed);
    try {
      await storm.run();
      await storm.calm();
      await storm.end();
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});
