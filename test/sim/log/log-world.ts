/**
 * The world of one node with a log: time that also passes for its disk, ends, and new beginnings.
 *
 * A process or its machine goes at any call to the disk. The next process must know what the former one knew
 * at the end of some turn (timeline.ts): not before the last turn of which anything was said, when the
 * process was killed, or when appendfsync is always; not more than two seconds before the end with everysec.
 * What nobody was told may have happened or not. From there the usual promises go on (promises.ts),
 * with memories that were cut off at the same turn; what is delivered at most once is never delivered twice,
 * however much was lost. While a disk is slow or fails, everysec promises only what the system writes by
 * itself.
 *
 * Nothing waits for the real world: the log's callbacks come from the disk's `run` on virtual time. Where
 * it uses a promise, that settles in a microtask, and the life (log-life.ts) lets those run between two
 * steps.
 */

import { checkBroker } from "../../../src/core/broker-check.ts";
import type { Xorshift } from "../../../src/util/xorshift.ts";
import { PowerCut } from "../../io/log/fake-disk.ts";
import type { Facts } from "../../journal/support/job-facts.ts";
import type { SimConfig } from "../config.ts";
import type { SimConnection } from "../connection.ts";
import { History, Violation } from "../history.ts";
import { jobPromises } from "../promises.ts";
import { waitingPromises } from "../waiting-promises.ts";
import { World, type WorldNode } from "../world.ts";
import { LogNode, type LogShape } from "./log-node.ts";
import { SimDisk } from "./sim-disk.ts";
import { briefFacts, type Match, Timeline } from "./timeline.ts";

/** How a process ends. */
export type End = "kill" | "power" | "stop";

/** With everysec no more than that may be missing. */
const EVERYSEC_MS = 2000;
/** What the system writes by itself is that old, and a disk that was slow has caught up. */
const BAD_DISK_MS = 45_000;
/** Turns without time going on: it would never sleep. */
const BUSY_TURNS_MAX = 3000;
/** That every turn has. */
const TURN_EVENTS = 3;
/** A moment in the middle of a turn is before its end. */
const MIDDLE = 0.5;
const DOWNTIMES_MS = [1, 300, 5000, 100_000];

/** A turn of which something was said. */
interface Said {
  readonly turn: number;
  readonly atMs: number;
}

/** See above. */
export class LogWorld extends World {
  readonly node: LogNode;
  readonly disk: SimDisk;
  readonly shape: LogShape;
  /** How the process ends when the disk is cut off. */
  end: End = "kill";
  /** When the disk was last slow, or failed. */
  badUntilMs = Number.NEGATIVE_INFINITY;
  /** What was written in part can no longer be judged. */
  isUnclear = false;
  #timeline = new Timeline();
  /** Stories that ended otherwise: a log that was switched off may tell one of them. */
  readonly #former: Timeline[] = [];
  #said: Said[] = [];
  readonly #retryMs = new Map<string, number>();
  /** Delivered at most once, and somebody has it. */
  readonly #spent = new Set<string>();
  #logWakeAtMs = Number.POSITIVE_INFINITY;
  #busyTurns = 0;
  #eventsBefore = 0;
  readonly #rolls: Xorshift;

  constructor(config: SimConfig, shape: LogShape, rolls: Xorshift) {
    const history = new History([]);
    const makeDisk = (host: LogNode["host"]): SimDisk =>
      new SimDisk(host, rolls, (what) => this.mark(what));
    super(config, history, undefined, (random) => {
      return new LogNode(random, history, config.maxMemoryBytes, shape, makeDisk);
    });
    this.shape = shape;
    this.#rolls = rolls;
    this.node = this.place.node as LogNode;
    this.disk = this.node.disk;
    this.disk.keepsOrder = shape.policy !== "always";
    this.#watch();
  }

  get place(): WorldNode {
    return this.nodes[0] as WorldNode;
  }

  override step(): boolean {
    const { place, node, disk } = this;
    if (node.wantsTurn) place.wakeAtMs = Math.min(place.wakeAtMs, this.nowMs);
    node.wantsTurn = false;
    const beganMs = this.nowMs;
    const diskAtMs = Math.max(disk.nextAtMs, place.freeSinceMs, place.stalledUntilMs);
    if (diskAtMs !== Number.POSITIVE_INFINITY && diskAtMs <= place.nextTurnMs) {
      this.passTo(place, diskAtMs);
      guarded(() => disk.run());
      return true;
    }
    this.#timeline.dropEmptyTurn();
    this.#eventsBefore = this.#timeline.events.length;
    const goesOn = super.step();
    this.#busyTurns = this.nowMs > beganMs ? 0 : this.#busyTurns + 1;
    if (this.#busyTurns > BUSY_TURNS_MAX) throw new Violation("asleep", "turns follow turns");
    return goesOn;
  }

  /** What the log is about to be told in the middle of a turn, of which the rest may not be in it. */
  noteMiddle(): void {
    this.#noteMoment(this.turns - MIDDLE);
  }

  /** The process has ended, as `end` says, and another one begins. */
  async restart(): Promise<void> {
    const { node, disk } = this;
    const wasOn = node.isLogOn;
    const endedAtMs = this.nowMs;
    let isPower = false;
    do {
      this.mark(this.end);
      isPower ||= this.end === "power";
      if (this.end === "power") disk.powerOff();
      else disk.kill();
      node.hangUp();
      this.#pass(this.#rolls.below(this.#rolls.pick(DOWNTIMES_MS) + 1));
      this.#calm();
      if (this.#rolls.chance(0.15)) disk.callsLeft = 1 + this.#rolls.below(12);
      await this.#start(this.end === "power");
      if (disk.isOff) this.end = this.#rolls.pick(["kill", "power"]);
    } while (disk.isOff);
    disk.callsLeft = Number.POSITIVE_INFINITY;
    this.#judge(wasOn, isPower, endedAtMs);
    this.#noteMoment(this.turns);
    this.end = "kill";
  }

  protected override endTurn(place: WorldNode): void {
    const { node } = this;
    if (this.disk.isOff) return;
    const hasHeard = this.#timeline.events.length - this.#eventsBefore > TURN_EVENTS;
    // Where nothing has happened it knows what it knew.
    if (hasHeard || !node.isIdle) this.#noteMoment(this.turns);
    if (node.isLogOn) this.#timeline.forgetBefore(this.#promisedTurn(true, this.nowMs));
    const { dirty } = node;
    node.dirty = [];
    for (const connection of dirty) node.say(() => this.send(place, connection));
    const { turns } = this;
    if (hasHeard) {
      node.say(() => this.#said.push({ turn: turns, atMs: this.nowMs }));
    }
    this.#logWakeAtMs = Number.POSITIVE_INFINITY;
    guarded(() => {
      this.#logWakeAtMs = node.endTurn();
    });
  }

  protected override wakeAtMs(place: WorldNode): number {
    return Math.min(super.wakeAtMs(place), this.#logWakeAtMs);
  }

  /** A client hears something; what it holds can have changed by that. */
  protected override send(place: WorldNode, connection: SimConnection): void {
    const ids = connection.reply?.map(({ id }) => id) ?? [];
    super.send(place, connection);
    this.node.wantsTurn = true;
    if (!connection.isOpen) return;
    for (const id of ids) {
      if (this.#retryMs.get(id) !== 0) continue;
      if (this.#spent.has(id)) throw new Violation("at most once", `${id} was heard of twice`);
      this.#spent.add(id);
    }
  }

  #noteMoment(turn: number): void {
    const { node } = this;
    this.#timeline.noteMoment(turn, node.broker, node.host, node.nodes);
  }

  async #start(isOtherRun: boolean): Promise<void> {
    try {
      await this.node.start(isOtherRun);
    } catch (error) {
      if (this.disk.isOff) return;
      const reason = error instanceof Error ? error.message : String(error);
      throw new Violation("start", `the log cannot be used: ${reason}`);
    }
  }

  /** Finds where the new process goes on, and lets everybody else go on from there. */
  #judge(wasOn: boolean, isPower: boolean, endedAtMs: number): void {
    const { node } = this;
    const { broker, host, nodes } = node;
    checkBroker(broker);
    const actual = briefFacts(broker, host, nodes);
    const from = wasOn ? this.#promisedTurn(isPower, endedAtMs) : 0;
    const isSure = !isPower || this.shape.policy === "always";
    const stories = wasOn ? [this.#timeline] : [this.#timeline, ...this.#former, new Timeline()];
    const found = this.#find(actual, stories, from, wasOn ? [isSure] : [isSure, false]);
    if (found === undefined && !wasOn) {
      // It was off: nothing was promised, and what is there may be of any moment.
      this.mark("unclear");
      this.isUnclear = true;
      return;
    }
    if (found === undefined) {
      const difference = this.#timeline.difference(actual, host.wallMs, isSure);
      throw new Violation("kept", `turn ${from} was promised, and it is not that: ${difference}`);
    }
    const [timeline, { turn, isMixed }] = found;
    if (isMixed) this.mark("written in part");
    this.isUnclear = isMixed;
    this.#former.push(this.#timeline);
    this.#timeline = timeline.copy();
    this.#timeline.cutAfter(turn);
    this.#said = this.#said.filter((said) => said.turn <= turn);
    this.#watch();
    for (const { id, asked, place } of actual.jobs) {
      // Nobody may expect it to be in its queue.
      const isOut = asked.retryMs === 0 && place === "kept only";
      if (!isOut) continue;
      const atMs = host.nowMs;
      this.history.emit({ type: "verb", atMs, verb: "dequeue", id, answer: true });
    }
  }

  #find(
    actual: Facts,
    stories: readonly Timeline[],
    from: number,
    sures: readonly boolean[],
  ): [Timeline, Match] | undefined {
    const { wallMs } = this.node.host;
    if (actual.jobs.length === 0 && stories.length > 1) {
      return [new Timeline(), { turn: 0, isMixed: false }];
    }
    for (const story of stories) {
      for (const isSure of sures) {
        const match = story.find(actual, from, wallMs, isSure);
        if (match !== undefined) return [story, match];
      }
    }
    return undefined;
  }

  /** The last turn of which anything was said that must not be undone. */
  #promisedTurn(isPower: boolean, endedAtMs: number): number {
    const { policy } = this.shape;
    const isHealthy = endedAtMs - this.badUntilMs > BAD_DISK_MS && policy === "everysec";
    const lossMs = isHealthy ? EVERYSEC_MS : BAD_DISK_MS;
    const isAll = !isPower || policy === "always";
    const before = isAll ? Number.POSITIVE_INFINITY : endedAtMs - lossMs;
    return this.#said.findLast(({ atMs }) => atMs < before)?.turn ?? 0;
  }

  /** Those who judge have seen what has happened, and no more. */
  #watch(): void {
    const promises = jobPromises();
    for (const event of this.#timeline.events) for (const promise of promises) promise.on(event);
    const waiting = waitingPromises(this.config.maxMemoryBytes > 0);
    const noting = {
      name: "noting",
      on: (event: { type: string; id?: string; retryMs?: number }) => {
        if (event.type === "add") this.#retryMs.set(event.id ?? "", event.retryMs ?? 0);
      },
    };
    this.history.watchedBy([noting, this.#timeline, ...promises, ...waiting]);
  }

  #calm(): void {
    const { weather } = this.disk;
    weather.fullUntilMs = 0;
    weather.writesFailUntilMs = 0;
    weather.syncsFailUntilMs = 0;
    weather.slowUntilMs = 0;
  }

  #pass(ms: number): void {
    const { place } = this;
    this.passTo(place, this.nowMs + ms);
    place.freeSinceMs = this.nowMs;
    place.stalledUntilMs = 0;
    place.slownessMs = 0;
    place.wakeAtMs = this.nowMs;
  }
}

/** What comes from a disk that was cut off ends the process, a moment later. */
function guarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
  }
}
