/**
 * A server without sockets and without time of its own, for tests of commands.
 *
 *     const server = new FakeServer();
 *     const client = server.connect();
 *     assert.equal(client.send("PING"), "+PONG");
 *     server.advance(5000);
 *
 * Requests go the way of real ones: bytes, RequestReader, dispatch, handler, broker, ReplyWriter. Each
 * `send` is one turn: what it wrote and what became due is delivered before it returns. Time stands
 * still until `advance`. Replies are written as in wire-replies.ts.
 */

import { ClientRegistry } from "../../src/commands/client-registry.ts";
import type { CommandSpec } from "../../src/commands/command.ts";
import { CommandTable } from "../../src/commands/command-table.ts";
import { type JobLog, noLog } from "../../src/commands/job-log.ts";
import { LoginGuard } from "../../src/commands/login-guard.ts";
import { LatencyMonitor } from "../../src/commands/observe/latency-monitor.ts";
import { Slowlog } from "../../src/commands/observe/slowlog.ts";
import type { ServerState } from "../../src/commands/server-state.ts";
import { ServerStats } from "../../src/commands/server-stats.ts";
import { beginBatch, endBatch } from "../../src/commands/stopwatch.ts";
import { commandSpecs } from "../../src/commands/table.ts";
import { Config, defaultState, type Rename } from "../../src/config/config.ts";
import { Broker } from "../../src/core/broker.ts";
import { BufferPool } from "../../src/protocol/buffer-pool.ts";
import { FakeClient, type FakeClientOptions } from "./fake-client.ts";
import { FakeHost } from "./fake-host.ts";
import { loneCluster } from "./lone-cluster.ts";

/** What a fake server may be started with. */
export interface FakeServerOptions {
  /** Directives by name, as CONFIG SET takes them; those that only a file may set too. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Path of the configuration file; none when absent. */
  readonly configFile?: string;
  readonly tcpPort?: number;
  readonly seed?: number;
  /** Commands; all of ringq's when absent. */
  readonly specs?: readonly CommandSpec[];
  /** As rename-command has them. */
  readonly renames?: readonly Rename[];
  /** What is written on a disk; nothing when absent. */
  readonly log?: JobLog;
}

/** More turns than any test needs in one moment: something wakes itself for ever. */
const TURNS_MAX = 100_000;

/** One server. */
export class FakeServer {
  readonly host: FakeHost;
  readonly state: ServerState;
  readonly pool = new BufferPool();
  readonly clients: FakeClient[] = [];

  constructor(options: FakeServerOptions = {}) {
    this.host = new FakeHost(options.seed ?? 1, {
      configFile: options.configFile ?? "",
      tcpPort: options.tcpPort ?? 7711,
    });
    const defaults = defaultState();
    const config = new Config({
      ...defaults,
      values: { ...defaults.values, dir: "/data", ...options.settings },
      renames: options.renames ?? [],
    });
    const { settings } = config;
    const broker = new Broker(this.host, {
      nodeId: this.host.randomHex40(),
      maxMemoryBytes: settings.maxmemory,
    });
    this.state = {
      broker,
      cluster: loneCluster(this.host, broker),
      config,
      host: this.host,
      clients: new ClientRegistry(),
      commands: new CommandTable(options.specs ?? commandSpecs, config.renames),
      stats: new ServerStats(),
      slowlog: new Slowlog(settings["slowlog-log-slower-than"], settings["slowlog-max-len"]),
      latency: new LatencyMonitor(settings["latency-monitor-threshold"]),
      logins: new LoginGuard(options.seed ?? 1),
      log: options.log ?? noLog,
      slowestMicrosIgnored: 0,
    };
    this.#followConfig();
  }

  /** A new connection. */
  connect(options: FakeClientOptions = {}): FakeClient {
    const client = new FakeClient(this, options);
    this.clients.push(client);
    return client;
  }

  /** Lets time pass; everything that becomes due meanwhile happens at its moment. */
  advance(ms: number): void {
    const { host } = this;
    const endMs = host.nowMs + ms;
    for (let turns = 0; ; turns++) {
      if (turns > TURNS_MAX) throw new Error("the server never comes to rest");
      const dueMs = Math.ceil(Math.min(this.state.broker.nextWakeAtMs, ...this.#holds()));
      if (dueMs > endMs) break;
      this.#setTime(Math.max(dueMs, host.nowMs));
      this.turn();
    }
    this.#setTime(endMs);
    this.turn();
  }

  /** The end of a turn: what is due, what follows from it, and the replies. */
  turn(): void {
    do {
      do {
        this.state.broker.tick();
        this.state.cluster.tick();
      } while (this.clients.map((client) => client.proceed()).includes(true));
    } while (this.clients.map((client) => client.deliver()).includes(true));
  }

  /** Called before the requests of one client are looked at. */
  beginBatch(): void {
    beginBatch(this.state);
  }

  /** Called after them. */
  endBatch(): void {
    endBatch(this.state);
  }

  #setTime(nowMs: number): void {
    this.host.wallMs += nowMs - this.host.nowMs;
    this.host.nowMs = nowMs;
  }

  #holds(): number[] {
    return this.clients.map((client) => client.heldUntilMs ?? Number.POSITIVE_INFINITY);
  }

  /** What a real server does when one of these directives changes. */
  #followConfig(): void {
    const { config, broker, slowlog, latency } = this.state;
    config.onSet("maxmemory", (bytes) => {
      broker.memory.maxBytes = bytes;
      return undefined;
    });
    config.onSet("slowlog-log-slower-than", (micros) => {
      slowlog.thresholdMicros = micros;
      return undefined;
    });
    config.onSet("slowlog-max-len", (entries) => {
      slowlog.lengthMax = entries;
      return undefined;
    });
    config.onSet("latency-monitor-threshold", (ms) => {
      latency.thresholdMs = ms;
      return undefined;
    });
  }
}
