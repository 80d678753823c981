/**
 * A simulated node with a log: the real journal, writer, loader and replay over a simulated disk.
 *
 * Its processes come one after the other: each has an empty broker and loads what the disk has. What it
 * says in a turn is held back by the rows that hold back real replies (held-back.ts), as one speaker for
 * all clients: a turn is said as a whole, so the turn that was said last is what was promised last.
 * The nodes file is not simulated: pauses are over with their process.
 */
import { Config, defaultState } from "../../../src/config/config.ts";
import { HeldBack, type Speaker } from "../../../src/io/held-back.ts";
import { LogFolder } from "../../../src/io/log/log-folder.ts";
import { type LoadedLog, LogStart, nothingLoaded } from "../../../src/io/log/log-start.ts";
import { NodeLog } from "../../../src/io/log/node-log.ts";
import { Journal } from "../../../src/journal/journal.ts";
import { ROOM_BYTES } from "../../../src/journal/log-format.ts";
import type { LogNodes } from "../../../src/journal/log-nodes.ts";
import { Replay } from "../../../src/journal/replay.ts";
import type { Xorshift } from "../../../src/util/xorshift.ts";
import type { SimAsk, SimConnection } from "../connection.ts";
import type { History } from "../history.ts";
import { newBroker, SimNode } from "../node.ts";
import type { SimDisk } from "./sim-disk.ts";

const FOLDER = "/data/log";

/** appendfsync. */
export type Policy = "always" | "everysec" | "no";

/** What a life with a log looks like. */
export interface LogShape {
  readonly policy: Policy;
  readonly segmentBytes: number;
  /** Written by a pass in a turn. */
  readonly rewriteBytes: number;
  /** auto-aof-rewrite-percentage. */
  readonly percentage: number;
}

/** What was said in turns, and waits. */
class Mouth implements Speaker {
  isHeldBack = false;
  #waiting: (() => void)[] = [];
  #sealed = 0;

  add(say: () => void): void {
    this.#waiting.push(say);
  }

  flush(isAllSafe: boolean): boolean {
    if (isAllSafe) this.#say(this.#waiting.length);
    return this.#waiting.length > 0;
  }

  seal(): void {
    this.#sealed = this.#waiting.length;
  }

  release(): boolean {
    this.#say(this.#sealed);
    return this.#waiting.length > 0;
  }

  #say(count: number): void {
    this.#sealed = 0;
    for (const say of this.#waiting.splice(0, count)) say();
  }
}

/** See above. */
export class LogNode extends SimNode {
  readonly nodes: LogNodes;
  readonly config: Config;
  readonly disk: SimDisk;
  /** The last messages of the log. */
  readonly messages: string[] = [];
  /** Something has ended on the disk: a turn is needed. */
  wantsTurn = false;
  log: NodeLog;
  /** Of this run of the machine. */
  bootId = "1".repeat(32);
  #boots = 1;
  readonly #shape: LogShape;
  readonly #maxMemoryBytes: number;
  #talking = new Set<SimConnection>();
  #mouth = new Mouth();
  #replies = new HeldBack<Mouth>();

  constructor(
    random: Xorshift,
    history: History,
    maxMemoryBytes: number,
    shape: LogShape,
    makeDisk: (host: LogNode["host"]) => SimDisk,
  ) {
    super(random, history, maxMemoryBytes);
    this.disk = makeDisk(this.host);
    this.#shape = shape;
    this.#maxMemoryBytes = maxMemoryBytes;
    const { nodeId } = this.broker;
    this.nodes = { id: (index) => (index === 0 ? nodeId : ""), index: () => -1 };
    const defaults = defaultState();
    const own = {
      dir: "/data",
      appendonly: true,
      appendfsync: shape.policy,
      "auto-aof-rewrite-percentage": shape.percentage,
      "auto-aof-rewrite-min-size": shape.segmentBytes,
    };
    this.config = new Config({ ...defaults, values: { ...defaults.values, ...own } });
    this.log = this.#newLog();
  }

  protected override get refusal(): string {
    return this.log.refusal;
  }

  /** Nothing has changed that the log does not know. */
  get isIdle(): boolean {
    const { journal } = this.broker;
    return journal instanceof Journal && journal.isIdle;
  }

  /** What it said before it was on is promised as well. */
  get isLogOn(): boolean {
    return this.log.figures().state === "on";
  }

  override ask(connection: SimConnection, asked: SimAsk): boolean {
    this.#talking.add(connection);
    return super.ask(connection, asked);
  }

  /** The process is gone: so are its connections, and what it had to say. */
  hangUp(): void {
    const talking = this.#talking;
    this.#talking = new Set();
    for (const connection of talking) {
      if (!connection.isOpen) continue;
      const isWaiting = connection.waiter !== undefined || connection.reply !== undefined;
      connection.isOpen = false;
      connection.waiter = undefined;
      connection.reply = undefined;
      if (isWaiting) connection.answered([]);
    }
  }

  /** What the turn has to say, to be said when it is safe. */
  say(words: () => void): void {
    this.#mouth.add(words);
    this.#replies.noteDirty(this.#mouth);
  }

  /** The end of a turn; says what is safe. Returns when the next one is needed (monotonic ms). */
  endTurn(): number {
    const atMs = this.log.endTurn();
    if (!this.disk.isOff) this.#replies.flush(this.log);
    return atMs;
  }

  /** A process begins: an empty broker, filled with what the disk has. Rejects as a start does. */
  async start(isOtherMachineRun: boolean): Promise<LoadedLog> {
    if (isOtherMachineRun) this.bootId = String(++this.#boots).padStart(32, "0");
    this.#mouth = new Mouth();
    this.#replies = new HeldBack();
    this.dirty = [];
    this.broker = newBroker(this.host, this.#maxMemoryBytes);
    this.log = this.#newLog();
    const { log, broker, host, nodes } = this;
    const start = new LogStart({
      ...log.parts,
      makeReplay: () => new Replay({ broker, host, nodes }),
      nodeId: broker.nodeId,
      formerIds: [],
      acceptsTorn: true,
    });
    const isOn = this.config.settings.appendonly;
    const loaded = isOn ? await start.load() : nothingLoaded;
    if (isOn) log.begin(loaded);
    else {
      // As load-log.ts does.
      const { folder } = log.parts;
      const manifest = folder.exists() ? folder.manifest() : undefined;
      if (manifest?.state === "on") folder.setManifest({ ...manifest, state: "off" });
    }
    return loaded;
  }

  /** CONFIG SET appendonly, and CONFIG REWRITE. */
  turnLog(isOn: boolean): boolean {
    if (this.log.turn(isOn) !== undefined) return false;
    this.config.set([["appendonly", isOn ? "yes" : "no"]]);
    return true;
  }

  #newLog(): NodeLog {
    const note = (message: string, data?: object): void => {
      this.messages.push(`${this.host.nowMs} ${message} ${JSON.stringify(data ?? {})}`);
      if (this.messages.length > 60) this.messages.splice(0, 30);
    };
    const { segmentBytes, rewriteBytes } = this.#shape;
    return new NodeLog({
      folder: new LogFolder(this.disk, FOLDER),
      settings: this.config.settings,
      broker: this.broker,
      host: this.host,
      nodes: this.nodes,
      incarnation: () => 1,
      bootId: this.bootId,
      segmentBytes,
      rewriteBytes,
      roomBytes: Math.min(segmentBytes, ROOM_BYTES),
      log: { debug: note, verbose: note, notice: note, warning: note, fatal: note },
      touch: () => {
        this.wantsTurn = true;
      },
      measured: () => {},
      obstacle: () => "",
    });
  }
}
