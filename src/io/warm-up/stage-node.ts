/**
 * A node that exists in memory only: a broker, its cluster, one client, and one peer.
 *
 * Everything between the bytes of a request and those of its reply is real, and so is everything between
 * a message and the bytes of a frame. In place of sockets there are calls.
 */
import { crc32 } from "node:zlib";
import { Cluster, type ClusterLinks } from "../../cluster/cluster.ts";
import type { PeerLink } from "../../cluster/members/links.ts";
import { busMessages, type Message } from "../../cluster/messages.ts";
import type { Xxh64 } from "../../cluster/ring-hash.ts";
import { Channel } from "../../cluster/wire/channel.ts";
import { ClientRegistry } from "../../commands/client-registry.ts";
import { CommandTable } from "../../commands/command-table.ts";
import { noLog } from "../../commands/job-log.ts";
import { LoginGuard } from "../../commands/login-guard.ts";
import { LatencyMonitor } from "../../commands/observe/latency-monitor.ts";
import { Slowlog } from "../../commands/observe/slowlog.ts";
import type { ServerState } from "../../commands/server-state.ts";
import { ServerStats } from "../../commands/server-stats.ts";
import { commandSpecs } from "../../commands/table.ts";
import type { Config } from "../../config/config.ts";
import { Broker } from "../../core/broker.ts";
import { BufferPool } from "../../protocol/buffer-pool.ts";
import { BusStatistics, MeasuringCodec } from "../bus/bus-statistics.ts";
import type { World } from "../world.ts";
import { StageClient } from "./stage-client.ts";

/** An address that is never dialled. */
const PROFILE = { host: "127.0.0.1", port: 7711, busPort: 17_711, zone: "" };
const STREAM_ID = 1;
const INCARNATION = 1;

/** What a node on stage is made from. */
export interface StageParts {
  readonly config: Config;
  readonly world: World;
  readonly xxh64: Xxh64;
  readonly nodeId: string;
  /** The other one, which it has always known. */
  readonly peerId: string;
}

/** One of two nodes. */
export class StageNode {
  readonly client: StageClient;
  readonly #server: ServerState;
  readonly #channel: Channel<typeof busMessages>;
  readonly #link: PeerLink;

  constructor({ config, world, xxh64, nodeId, peerId }: StageParts) {
    this.#link = {
      remoteId: peerId,
      incarnation: INCARNATION,
      remoteIp: PROFILE.host,
      dialled: undefined,
    };
    this.#channel = new Channel(new MeasuringCodec(busMessages, new BusStatistics()), {
      crc32,
      streamId: STREAM_ID,
      receiver: {
        opened: () => {},
        received: (message) => this.#server.cluster.received(this.#link, message),
      },
    });
    const broker = new Broker(world, { nodeId, maxMemoryBytes: 0 });
    const life = { incarnation: INCARNATION, memoryIncarnation: INCARNATION };
    const record = { nodeId: peerId, ...life, version: 0, isLeaving: false };
    const members = [{ record: { ...record, ...PROFILE }, isFailed: false }];
    const before = { incarnation: INCARNATION - 1, memoryIncarnation: INCARNATION - 1 };
    const cluster = new Cluster({
      host: world,
      broker,
      xxh64,
      links: linksOver(this.#channel),
      start: {
        profile: PROFILE,
        nodeTimeoutMs: config.settings["cluster-node-timeout"],
        saved: { nodeId, ...before, isLeaving: false, members },
      },
      settings: { repairDelayMs: 0, degradesDefault: false },
      events: { snapshotChanged: () => {}, identityChanged: () => {}, log: () => {} },
    });
    this.#server = {
      broker,
      cluster,
      config,
      host: world,
      clients: new ClientRegistry(),
      commands: new CommandTable(commandSpecs),
      stats: new ServerStats(),
      slowlog: new Slowlog(-1, 0),
      latency: new LatencyMonitor(0),
      logins: new LoginGuard(world.randomWord()),
      log: noLog,
      slowestMicrosIgnored: Number.POSITIVE_INFINITY,
    };
    this.client = new StageClient(this.#server, new BufferPool());
    cluster.hasBus = true;
  }

  /** The peer is at the other end of the channel from now on. */
  connect(): void {
    this.#channel.linkUp();
    this.#server.cluster.membership.linkUp(this.#link);
  }

  /** The end of a turn. Returns what is to be given to the peer. */
  turn(): Buffer[] {
    const { broker, cluster } = this.#server;
    broker.tick();
    cluster.tick();
    return this.#channel.take();
  }

  /** Bytes of the peer. */
  receive(frame: Buffer): void {
    this.#channel.push(frame);
  }
}

function linksOver(channel: Channel<typeof busMessages>): ClusterLinks {
  return {
    dial: () => {},
    hangUp: () => {},
    send: (_link: PeerLink, message: Message) => {
      channel.send(message);
    },
    sendToPeer: (_nodeId, message) => channel.send(message),
    isCongested: () => channel.outbox.isCongested,
  };
}
