/**
 * The composition root: makes the parts of one server and connects them.
 *
 * Everything is handed its collaborators here and nowhere else. Starting is a list of steps in the
 * order in which they can fail: data directory, lock, identity, listeners. Whoever opens something
 * closes it in `stop`.
 */
import { resolve } from "node:path";
import xxhash from "xxhash-wasm";
import { Cluster, type ClusterParts } from "./cluster/cluster.ts";
import { ClientRegistry } from "./commands/client-registry.ts";
import { CommandTable } from "./commands/command-table.ts";
import { LoginGuard } from "./commands/login-guard.ts";
import { LatencyMonitor } from "./commands/observe/latency-monitor.ts";
import { Slowlog } from "./commands/observe/slowlog.ts";
import type { ServerState } from "./commands/server-state.ts";
import { ServerStats } from "./commands/server-stats.ts";
import { commandSpecs } from "./commands/table.ts";
import type { Config } from "./config/config.ts";
import { Broker } from "./core/broker.ts";
import { readMachine, startBanner } from "./io/banner.ts";
import { ClientListener } from "./io/client-listener.ts";
import { Clients } from "./io/clients.ts";
import { ClusterBus, profileOf } from "./io/cluster-bus.ts";
import { connectSettings } from "./io/connect-settings.ts";
import { type DataLock, lockDataFolder } from "./io/data-lock.ts";
import { collectGarbage } from "./io/engine.ts";
import { sayGoodbye } from "./io/goodbye.ts";
import { Identity } from "./io/identity.ts";
import type { ServerLogger } from "./io/logger.ts";
import { MemoryReturn } from "./io/memory-return.ts";
import type { NodesState } from "./io/nodes-state.ts";
import { writePortsFile } from "./io/ports-file.ts";
import { Turn } from "./io/turn.ts";
import { warmUp } from "./io/warm-up/warm-up.ts";
import { World } from "./io/world.ts";

/** How often closing connections are looked at while the server stops. */
const CLOSING_POLL_MS = 10;

/** What a server is made from. */
export interface NodeOptions {
  readonly config: Config;
  readonly log: ServerLogger;
  readonly version: string;
  readonly executable: string;
  /** Absolute path of the configuration file, or empty. */
  readonly configFile: string;
  /** SHUTDOWN was called: stop the node and end the process. */
  readonly onShutdown: () => void;
  /** The node cannot go on, as the log says: stop it and end the process as failed. */
  readonly onFailure: (reason: string) => void;
}

/** One running server. */
export class Node {
  readonly #options: NodeOptions;
  readonly #log: ServerLogger;
  #lock: DataLock | undefined;
  #server: ServerState | undefined;
  #clients: Clients | undefined;
  #listener: ClientListener | undefined;
  #turn: Turn | undefined;
  #identity: Identity | undefined;
  #bus: ClusterBus | undefined;
  readonly #memoryReturn = new MemoryReturn(() => {
    this.#server?.broker.trim();
    collectGarbage();
  });

  constructor(options: NodeOptions) {
    this.#options = options;
    this.#log = options.log;
  }

  /** Starts serving; throws an Error that says what could not be had. */
  async start(): Promise<void> {
    const { config, log } = this.#options;
    this.#lock = await lockDataFolder(process.cwd(), {
      onWait: (message) => log.notice(message),
      onLost: (message) => {
        log.fatal(`${message}; nothing more is written there, stopping`);
        this.#options.onFailure("data directory lost");
      },
    });
    const lock = this.#lock;
    // Absolute: CONFIG SET dir must not make it write into a folder that this server has not locked.
    const path = resolve(config.settings["cluster-config-file"]);
    const identity = new Identity(path, log, () => lock.isHeld());
    this.#identity = identity;
    await warmUp(config);
    const world = this.#makeWorld(identity);
    const saved = identity.load(() => world.randomHex40());
    const broker = new Broker(world, {
      nodeId: saved.nodeId,
      maxMemoryBytes: config.settings.maxmemory,
    });
    const bus = this.#makeBus(world);
    const cluster = await this.#makeCluster(saved, { host: world, broker, links: bus.links });
    identity.restore(broker, cluster);
    const server = this.#makeServer(broker, cluster, world);
    const turn = this.#makeTurn(server, world, identity);
    bus.connect(cluster);
    const clients = new Clients(server, turn);
    this.#clients = clients;
    this.#server = server;
    this.#turn = turn;
    const { maxclients } = config.settings;
    connectSettings(server, { log, clients, bus, machine: readMachine() });
    this.#listener = new ClientListener(clients);
    const port = await this.#listen(this.#listener, bus);
    world.facts = { ...world.facts, tcpPort: port };
    this.#announce(port, maxclients);
    turn.touch();
  }

  /** Takes over what changed in the configuration file (SIGHUP). */
  reload(next: Config): void {
    const { changed, needRestart, error } = this.#options.config.reload(next);
    if (error !== "") this.#log.warning("the configuration file was not applied", { error });
    else this.#log.notice("configuration read again", { changed, needRestart });
  }

  /**
   * Stops: no new clients, blocked ones are answered, everything written is sent. Only marks what is
   * to be done, because a command may be the caller: the turn saves and sends in its order.
   */
  async stop(): Promise<void> {
    const endMs = performance.now() + this.#options.config.settings["shutdown-timeout"] * 1000;
    this.#listener?.close();
    this.#answerBlocked();
    this.#clients?.closeAll();
    this.#turn?.touch();
    await this.#connectionsClosed(endMs);
    await this.#leave(endMs);
    this.#turn?.stop();
    await this.#bus?.stop();
    this.#memoryReturn.stop();
    this.#lock?.release();
  }

  #makeWorld(identity: Identity): World {
    const { configFile, executable, version, onShutdown, log } = this.#options;
    const actions = {
      identityChanged: () => identity.changed(),
      saveIdentity: () => identity.saveOnce(),
      shutdown: onShutdown,
    };
    return new World({ configFile, executable, version }, actions, log);
  }

  #makeBus(clock: World): ClusterBus {
    const { config, log } = this.#options;
    const touch = () => this.#turn?.touch();
    this.#bus = new ClusterBus({ settings: config.settings, log, clock, touch });
    return this.#bus;
  }

  async #makeCluster(
    saved: NodesState,
    parts: Pick<ClusterParts, "host" | "broker" | "links">,
  ): Promise<Cluster> {
    const { settings } = this.#options.config;
    const { h64Raw } = await xxhash();
    return new Cluster({
      ...parts,
      xxh64: (bytes) => h64Raw(bytes),
      start: {
        // The real ports are told to the others as soon as they are known.
        profile: profileOf(settings, settings.port, settings["cluster-port"]),
        nodeTimeoutMs: settings["cluster-node-timeout"],
        saved,
      },
      settings: {
        get repairDelayMs() {
          return settings["cluster-repair-delay"];
        },
        get degradesDefault() {
          return settings["default-replicate-degrade"];
        },
      },
      events: {
        snapshotChanged: () => this.#identity?.changed(),
        identityChanged: () => this.#bus?.identityChanged(),
        log: (level, message, data) => this.#log[level](message, { ...data }),
      },
    });
  }

  #makeServer(broker: Broker, cluster: Cluster, host: World): ServerState {
    const { config } = this.#options;
    const { settings } = config;
    return {
      broker,
      cluster,
      config,
      host,
      clients: new ClientRegistry(),
      commands: new CommandTable(commandSpecs),
      stats: new ServerStats(),
      slowlog: new Slowlog(settings["slowlog-log-slower-than"], settings["slowlog-max-len"]),
      latency: new LatencyMonitor(settings["latency-monitor-threshold"]),
      logins: new LoginGuard(host.randomWord()),
      slowestMicrosIgnored: Number.POSITIVE_INFINITY,
    };
  }

  #makeTurn(server: ServerState, world: World, identity: Identity): Turn {
    return new Turn({
      machines: [server.broker, server.cluster],
      clock: world,
      persist: () => identity.saveIfChanged(world.nowMs),
      flush: () => {
        this.#bus?.flush();
        this.#clients?.flush();
        this.#memoryReturn.note(server.broker.usedBytes);
      },
      resume: () => this.#clients?.resume() ?? Number.POSITIVE_INFINITY,
      sample: (nowMs) => {
        server.stats.sample(nowMs);
        server.stats.noteMemory(server.broker.usedBytes);
      },
    });
  }

  async #listen(listener: ClientListener, bus: ClusterBus): Promise<number> {
    const { settings } = this.#options.config;
    const port = await listener.listen({
      addresses: settings.bind,
      port: settings.port,
      anyPort: settings["ports-file"] !== "",
      backlog: settings["tcp-backlog"],
      unixSocket: settings.unixsocket,
      unixSocketPermissions: settings.unixsocketperm,
    });
    const busPort = await bus.listen(port);
    if (settings["ports-file"] !== "") {
      const ports = { port, busPort, unixsocket: settings.unixsocket };
      writePortsFile(settings["ports-file"], ports);
    }
    return port;
  }

  /** With the number of clients that was asked for, so that a lowered one is noticed. */
  #announce(port: number, maxClients: number): void {
    const { config, version } = this.#options;
    const { settings } = config;
    const start = {
      version,
      pid: process.pid,
      port,
      mode: "standalone",
      maxClients,
      tcpBacklog: settings["tcp-backlog"],
      maxMemoryBytes: settings.maxmemory,
    };
    for (const line of startBanner(start, readMachine()))
      this.#log[line.level](line.message, line.data);
    for (const warning of config.warnings) this.#log.warning(warning);
    for (const override of config.overrides)
      this.#log.verbose("setting overridden", { ...override });
    this.#log.notice("ready to accept connections", {
      port,
      busPort: this.#bus?.port,
      bind: settings.bind,
      unixsocket: settings.unixsocket === "" ? undefined : resolve(settings.unixsocket),
      dir: process.cwd(),
    });
  }

  /** Whoever waits for jobs is told to ask another node; who was given one already gets it. */
  #answerBlocked(): void {
    for (const waiter of this.#server?.broker.waiting.takeAll() ?? []) {
      waiter.receiver.waitEnded("leaving");
    }
  }

  async #leave(endMs: number): Promise<void> {
    const { broker, cluster } = this.#server ?? {};
    if (broker === undefined || cluster === undefined) return;
    const touch = () => this.#turn?.touch();
    const jobsLeft = await sayGoodbye({ cluster, broker, touch, endMs });
    if (jobsLeft > 0) this.#log.notice("stopping with jobs in memory", { jobsLeft });
  }

  /** Waits until clients have taken their replies, for at most shutdown-timeout. */
  async #connectionsClosed(endMs: number): Promise<void> {
    const clients = this.#clients;
    if (clients === undefined) return;
    while (clients.count > 0 && performance.now() < endMs) {
      await new Promise((done) => setTimeout(done, CLOSING_POLL_MS));
    }
    clients.destroyAll();
  }
}
