/**
 * The composition root: makes the parts of one server and connects them.
 *
 * Everything is handed its collaborators here and nowhere else. Starting is a list of steps in the
 * order in which they can fail: data directory, lock, identity, listeners. Whoever opens closes, in `stop`.
 */
import { resolve } from "node:path";
import xxhash from "xxhash-wasm";
import { Cluster, type ClusterParts } from "./cluster/cluster.ts";
import type { LatencyEvent } from "./commands/observe/latency-monitor.ts";
import type { ServerState } from "./commands/server-state.ts";
import type { Config } from "./config/config.ts";
import { type ClientPorts, toldPort } from "./config/told-port.ts";
import { Broker } from "./core/broker.ts";
import { type StartedHttp, startHttp } from "./http/start-http.ts";
import { announceStart } from "./io/announce.ts";
import { readMachine } from "./io/banner.ts";
import { bootId } from "./io/boot-id.ts";
import { ClientListener, listenOptions } from "./io/client-listener.ts";
import { Clients } from "./io/clients.ts";
import { ClusterBus, profileOf } from "./io/cluster-bus.ts";
import { connectSettings } from "./io/connect-settings.ts";
import { type DataLock, lockDataFolder } from "./io/data-lock.ts";
import { askForCollection } from "./io/engine.ts";
import { clientsGone, sayGoodbye } from "./io/goodbye.ts";
import { Identity } from "./io/identity.ts";
import { closeLog } from "./io/log/close-log.ts";
import { clusterLogNodes } from "./io/log/cluster-log-nodes.ts";
import { loadLog, progressText } from "./io/log/load-log.ts";
import { realDisk } from "./io/log/log-disk.ts";
import { LOG_FOLDER, LogFolder } from "./io/log/log-folder.ts";
import { resumeMemory } from "./io/log/log-start.ts";
import { NodeLog } from "./io/log/node-log.ts";
import { timedDisk } from "./io/log/timed-disk.ts";
import type { ServerLogger } from "./io/logger.ts";
import { MemoryReturn } from "./io/memory-return.ts";
import type { NodesState } from "./io/nodes-state.ts";
import { writePortsFile } from "./io/ports-file.ts";
import { reloadConfig } from "./io/reload-config.ts";
import { makeServerState } from "./io/server-parts.ts";
import { startTls } from "./io/tls/start-tls.ts";
import type { TlsKeeper } from "./io/tls/tls-keeper.ts";
import { type Machine, Turn } from "./io/turn.ts";
import { warmUp } from "./io/warm-up/warm-up.ts";
import { World } from "./io/world.ts";

/** What a server is made from. */
export interface NodeOptions {
  readonly config: Config;
  readonly log: ServerLogger;
  readonly version: string;
  readonly executable: string;
  /** Absolute path of the configuration file, or empty. */
  readonly configFile: string;
  /** Absolute paths of append-only files of Disque whose jobs are to be imported (--import). */
  readonly imports: readonly string[];
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
  #tls: TlsKeeper | undefined;
  #bus: ClusterBus | undefined;
  #nodeLog: NodeLog | undefined;
  /** What has work in every turn; nothing while the log is loaded. */
  readonly #machines: Machine[] = [];
  #isStopping = false;
  #http: StartedHttp | undefined;
  readonly #memoryReturn = new MemoryReturn(() => {
    this.#server?.broker.trim();
    askForCollection();
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
    const tls = startTls(config, log, world);
    this.#tls = tls;
    const saved = identity.load(() => world.randomHex40());
    const broker = new Broker(world, {
      nodeId: saved.nodeId,
      maxMemoryBytes: config.settings.maxmemory,
    });
    const bus = this.#makeBus(world, tls);
    const cluster = await this.#makeCluster(saved, { host: world, broker, links: bus.links });
    identity.restorePauses(broker, cluster);
    const nodeLog = this.#makeLog(broker, cluster, world, identity);
    const server = makeServerState({ broker, cluster, config, host: world, log: nodeLog });
    const turn = this.#makeTurn(server, world, identity, nodeLog);
    const clients = new Clients(server, turn);
    this.#clients = clients;
    this.#server = server;
    this.#turn = turn;
    const { maxclients: maxClients } = config.settings;
    connectSettings(server, { log, clients, bus, nodeLog, machine: readMachine() });
    this.#listener = new ClientListener(clients, tls);
    const ports = await this.#listener.listen(listenOptions(config.settings));
    world.facts = { ...world.facts, tcpPort: ports.port, tlsPort: ports.tlsPort };
    const reasons = () => (this.#isStopping ? ["stopping"] : []);
    this.#http = await startHttp({ server, clients, reasons, tls });
    await this.#load(nodeLog, cluster, world, saved);
    if (this.#isStopping) return;
    this.#machines.push(broker, cluster);
    identity.saveAtStart(nodeLog.isOn);
    bus.connect(cluster, server.stats);
    const busPort = await bus.listen(toldPort(config.settings, ports));
    this.#tellPorts(ports, busPort);
    const { version } = this.#options;
    announceStart(config, log, { version, ...ports, busPort: bus.port, maxClients });
    turn.touch();
  }

  /** How far the start is, in words. */
  get progress(): string {
    return progressText(this.#nodeLog?.loading);
  }

  /** SIGHUP: takes over what changed in the configuration, if it could be read, and in certificates. */
  reload(next?: Config): void {
    if (next !== undefined) reloadConfig(this.#options.config, next, this.#log);
    this.#tls?.reload();
  }

  /**
   * Stops: no new clients, blocked ones are answered, everything written is sent. Only marks what is
   * to be done, because a command may be the caller: the turn saves and sends in its order.
   */
  async stop(): Promise<void> {
    const endMs = performance.now() + this.#options.config.settings["shutdown-timeout"] * 1000;
    this.#isStopping = true;
    this.#listener?.close();
    this.#answerBlocked();
    this.#clients?.closeAll();
    this.#turn?.touch();
    if (this.#clients !== undefined) await clientsGone(this.#clients, endMs);
    // Jobs in a log are there again when the node is.
    if (this.#nodeLog?.isOn !== true) await this.#leave(endMs);
    await this.#http?.stop();
    this.#turn?.stop();
    await closeLog(this.#nodeLog, endMs);
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

  #makeBus(clock: World, tls: TlsKeeper): ClusterBus {
    const { config, log } = this.#options;
    const touch = () => this.#turn?.touch();
    this.#bus = new ClusterBus({ settings: config.settings, log, clock, touch, tls });
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
        identityChanged: () => {
          this.#nodeLog?.identityChanged();
          this.#bus?.identityChanged();
        },
        log: (level, message, data) => this.#log[level](message, { ...data }),
      },
    });
  }

  #makeLog(broker: Broker, cluster: Cluster, host: World, identity: Identity): NodeLog {
    const { config, log } = this.#options;
    const measured = (event: LatencyEvent, ms: number): void =>
      this.#server?.latency.record(event, ms, Math.floor(host.wallMs / 1000));
    const synced = (micros: number) => this.#server?.stats.fsyncMicros.record(micros);
    this.#nodeLog = new NodeLog({
      folder: new LogFolder(timedDisk(realDisk, synced), resolve(LOG_FOLDER)),
      settings: config.settings,
      broker,
      host,
      nodes: clusterLogNodes(cluster),
      incarnation: () => cluster.membership.memoryIncarnation,
      bootId: bootId(),
      log,
      touch: () => this.#turn?.touch(),
      measured,
      obstacle: () => identity.obstacleTo(broker.nodeId),
    });
    return this.#nodeLog;
  }

  #makeTurn(server: ServerState, world: World, identity: Identity, nodeLog: NodeLog): Turn {
    return new Turn({
      machines: this.#machines,
      clock: world,
      persist: () => Math.min(identity.saveIfChanged(world.nowMs), nodeLog.endTurn()),
      flush: () => {
        this.#bus?.flush(nodeLog);
        this.#clients?.flush(nodeLog);
        this.#memoryReturn.note(server.broker.usedBytes);
      },
      resume: () => this.#clients?.resume() ?? Number.POSITIVE_INFINITY,
      sample: (nowMs) => {
        server.stats.sample(nowMs);
        server.stats.noteMemory(server.broker.usedBytes);
      },
      isLinked: () => this.#bus?.isLinked ?? false,
    });
  }

  /** What is on the disk comes back; clients that ask meanwhile are told so. */
  #load(nodeLog: NodeLog, cluster: Cluster, host: World, saved: NodesState): Promise<void> {
    const { config, imports } = this.#options;
    return loadLog({
      nodeLog,
      config,
      host,
      imports,
      formerIds: saved.formerIds,
      loaded: (log) => resumeMemory(cluster, log, saved.memoryIncarnation),
    });
  }

  #tellPorts(ports: ClientPorts, busPort: number): void {
    const { "ports-file": file, unixsocket } = this.#options.config.settings;
    const httpPort = this.#http?.port ?? 0;
    if (file !== "") writePortsFile(file, { ...ports, busPort, httpPort, unixsocket });
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
}
