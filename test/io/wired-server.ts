/**
 * A server in this process: real turns and connections, but a clock that the test moves, nothing on
 * disk, and made-up sockets, whose every write the test decides about.
 */

import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { TestContext } from "node:test";
import type { ServerState } from "../../src/commands/server-state.ts";
import type { Rename } from "../../src/config/config.ts";
import { ClientConnection } from "../../src/io/client-connection.ts";
import { Clients } from "../../src/io/clients.ts";
import { Turn, type TurnParts } from "../../src/io/turn.ts";
import { fullLimits, unauthenticatedLimits } from "../../src/protocol/request.ts";
import { type Command, encode } from "../process/raw-client.ts";
import type { FakeHost } from "../support/fake-host.ts";
import { FakePromises } from "../support/fake-promises.ts";
import { FakeServer } from "../support/fake-server.ts";
import { WireReplies, type WireReply } from "../support/wire-replies.ts";

/** Everything between commands and sockets, wired as in a real server. */
export class WiredServer {
  readonly state: ServerState;
  readonly host: FakeHost;
  readonly turn: Turn;
  readonly clients: Clients;
  /** What the disk has; everything, unless a test says otherwise. */
  readonly promises = new FakePromises();

  constructor(
    t: TestContext,
    settings: Readonly<Record<string, unknown>> = {},
    renames: readonly Rename[] = [],
  ) {
    const fake = new FakeServer({ settings, renames });
    this.state = fake.state;
    this.host = fake.host;
    this.turn = new Turn({
      machines: [this.state.broker, this.state.cluster],
      clock: clockOf(this.host),
      persist: () => Number.POSITIVE_INFINITY,
      flush: () => this.clients.flush(this.promises),
      resume: () => this.clients.resume(),
      sample: () => undefined,
      isLinked: () => false,
    });
    this.clients = new Clients(this.state, this.turn);
    t.after(() => {
      this.clients.watchIdle(0);
      this.clients.destroyAll();
      this.turn.stop();
    });
  }

  /** A client on a made-up socket. */
  attach(): FakeSocket {
    const { settings } = this.state.config;
    const limits = settings.requirepass === "" ? fullLimits() : unauthenticatedLimits();
    const endpoints = {
      remoteAddress: "127.0.0.1:5555",
      localIp: "127.0.0.1",
      localPort: 7711,
      isUnixSocket: false,
      isLoopback: true,
    };
    const connection = new ClientConnection(this.clients, endpoints, limits);
    this.clients.add(connection);
    const socket = new FakeSocket(connection);
    connection.attach(socket as unknown as Socket);
    socket.resume();
    return socket;
  }

  /** Moves the clock and lets what is due happen. */
  async advance(ms: number): Promise<void> {
    this.host.nowMs += ms;
    this.host.wallMs += ms;
    this.turn.touch();
    await settled();
  }
}

/** The clock that the test moves, as the turn wants to see it. */
function clockOf(host: FakeHost): TurnParts["clock"] {
  return {
    get nowMs() {
      return host.nowMs;
    },
    refresh: () => undefined,
    elapsedMicros: () => host.elapsedMicros(),
  };
}

/** Resolves when everything that was under way in this process has happened. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A socket whose other end is the test. */
export class FakeSocket extends Duplex {
  readonly connection: ClientConnection;
  /** One entry for each write that reached the kernel. */
  readonly writes: Buffer[] = [];
  /** One entry for each write that the kernel did not refuse, whether it has it already or not. */
  readonly handed: Buffer[] = [];
  /** The kernel takes nothing: writes wait until `unstick`. */
  isStuck = false;
  /** The kernel refuses every write at once, as when the peer has reset the connection. */
  isReset = false;
  #waiting: (() => void)[] = [];
  readonly #replies = new WireReplies();

  constructor(connection: ClientConnection) {
    super({ allowHalfOpen: true });
    this.connection = connection;
  }

  /** The client sends requests; returns when the turn is over. */
  async send(...commands: Command[]): Promise<void> {
    await this.receive(encode(...commands));
  }

  /** The client sends bytes; returns when the turn is over. */
  async receive(bytes: Uint8Array): Promise<void> {
    this.feed(bytes);
    await settled();
  }

  /** The client sends bytes; the turn is not over yet. */
  feed(bytes: Uint8Array): void {
    const buffer = Buffer.from(bytes);
    this.connection.received(buffer, buffer.length);
  }

  /** The client closes its half. */
  endInput(): void {
    this.push(null);
  }

  /** The kernel takes what was waiting. */
  async unstick(): Promise<void> {
    this.isStuck = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
    await settled();
  }

  /** Replies that have reached the kernel and were not taken yet. */
  replies(): WireReply[] {
    const replies: WireReply[] = [];
    for (let reply = this.#replies.next(); reply !== undefined; reply = this.#replies.next()) {
      replies.push(reply);
    }
    return replies;
  }

  /** As net.Socket has it. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  override write(chunk: Buffer, ...rest: never[]): boolean {
    const hasRoom = super.write(chunk, ...rest);
    if (this.errored === null) this.handed.push(Buffer.from(chunk));
    return hasRoom;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.isReset) {
      done(new Error("EPIPE"));
      return;
    }
    const take = (): void => {
      this.writes.push(Buffer.from(chunk));
      this.#replies.append(chunk);
      done();
    };
    if (this.isStuck) this.#waiting.push(take);
    else take();
  }
}
