/**
 * What some lives are put through once more when everything is healed, before they are drained.
 *
 *   absences         one or two nodes end nearly at once, and stay away until the others have settled
 *   crowded exits    some nodes leave nearly at once, and stay when they have nothing left; those to whom they give
 *                    their jobs leave as well, or are full for a while, so that much is refused on its way
 *
 * Everybody else is short of time meanwhile: turns are late, and what was said in many is heard in one. Then
 * nothing happens any more, until all must have agreed on every job (oracle/settled.ts). Chance is drawn from a stream
 * of its own, so that lives without any of this are what they were.
 */
import { Xorshift } from "../../../src/util/xorshift.ts";
import type { ClusterWorld } from "./cluster-world.ts";
import { NODES_MIN, type Trial } from "./config.ts";
import { repairBoundMs } from "./oracle/repair.ts";
import type { SimProcess } from "./process.ts";
import { Session } from "./session.ts";
import { HELPING } from "./streams.ts";

const STREAM = 0x7a1;
/** Jobs that nobody takes before the trial is over. */
const JOBS_A_NODE = 8;
const REPLICATE_MAX = 4;
const TTL_SECONDS = 1000;
/** They are complete after that. */
const ADDING_MS = 1000;
/** All that happens in a trial, happens within so long. */
const TROUBLE_MS = 5000;
/** Ends or exits that are "nearly at once". */
const APART_MS = [0, 1, 5, 700] as const;
/** For a while one late turn follows the other. */
const STILL_MS_MAX = 400;
const STILL_PACE_MS = 150;
const FULL_PACE_MS = 500;
/** A message takes up to that much longer than usual, and overtakes those on other links. */
const SPIKES_MS = [0, 5, 50] as const;
/** So many messages arrive in one turn that were said in one. */
const HELPINGS = [1, 1, HELPING] as const;
/** Who takes a job over, tells and is told, makes copies and drops others. */
const AGREEMENT_MS = 10_000;

/** Tries a cluster that is whole. */
export class Trials {
  readonly #cluster: ClusterWorld;
  readonly #random: Xorshift;
  #bodies = 0;

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
    this.#random = new Xorshift(cluster.world.config.seed * 2 + STREAM);
  }

  /** One after the other; `becomeWhole` waits for what they leave behind. */
  run(becomeWhole: () => void): void {
    const trials: readonly (readonly [Trial, () => () => void])[] = [
      ["absences", () => this.#someEnd()],
      ["crowded exits", () => this.#someLeave()],
    ];
    const { world, weather, ledger } = this.#cluster;
    for (const [trial, begin] of trials) {
      if (!world.config.features.has(trial)) continue;
      world.mark(trial);
      ledger.tell(`a trial: ${trial}`);
      this.#addJobs();
      weather.begin();
      const end = begin();
      this.#trouble();
      world.runUntil(() => false, this.#settledAfterMs);
      for (const checker of ledger.checkers) checker.settled?.();
      ledger.tell("the trial is over");
      end();
      weather.end();
      becomeWhole();
    }
  }

  /** From the beginning of the trouble. */
  get #settledAfterMs(): number {
    const { config } = this.#cluster.world;
    return TROUBLE_MS + repairBoundMs(config) + 2 * config.nodeTimeoutMs + AGREEMENT_MS;
  }

  /** There may be few left. */
  #addJobs(): void {
    const { world, running, ledger } = this.#cluster;
    for (const process of running) for (let i = 0; i < JOBS_A_NODE; i++) this.#addJob(process);
    world.runUntil(() => false, ADDING_MS);
    ledger.tell(`${ledger.open.size} jobs are there`);
  }

  #addJob(process: SimProcess): void {
    const { commands, ledger, world, running } = this.#cluster;
    const { queues, retrySecondsMax } = world.config;
    const session = new Session(process, "trial", this.#cluster, {
      answered: (answer) => {
        const isAdded = answer.type === "added" && answer.story.failedAtMs === undefined;
        if (isAdded) ledger.told(answer.story);
        session.leave();
      },
      lost: () => {},
    });
    const asked = {
      queue: `queue-${this.#random.below(queues)}`,
      body: `trial ${++this.#bodies}`,
      replicate: 1 + this.#random.below(Math.min(REPLICATE_MAX, running.length)),
      ttlSeconds: TTL_SECONDS,
      retrySeconds: 1 + this.#random.below(retrySecondsMax),
      delaySeconds: 0,
      isAsync: false,
      timeoutMs: ADDING_MS / 2,
    };
    session.request(() => commands.add(session, asked));
  }

  /** Some of those who run, so that enough are left. */
  #some(countMax: number): SimProcess[] {
    const { running } = this.#cluster;
    const count = Math.min(1 + this.#random.below(countMax), running.length - NODES_MIN);
    return this.#random.shuffle([...running]).slice(0, Math.max(0, count));
  }

  #someEnd(): () => void {
    const { world } = this.#cluster;
    const away = this.#some(2);
    for (const process of away) {
      const isHeard = this.#random.chance(0.5);
      world.after(this.#random.pick(APART_MS), () => this.#cluster.crash(process, isHeard));
      if (!isHeard) this.#cluster.network.setPower(process.machine.number, false);
    }
    return () => {
      for (const { machine } of away) {
        this.#cluster.network.setPower(machine.number, true);
        this.#cluster.start(machine);
      }
    };
  }

  #someLeave(): () => void {
    const { world, running, ledger } = this.#cluster;
    const leavers = this.#some(3);
    const staying = running.filter((process) => !leavers.includes(process));
    for (const process of leavers) {
      world.after(this.#random.pick(APART_MS), () => {
        ledger.tell(`${process.name} LEAVING`);
        process.post(() => process.cluster.setLeaving(true));
      });
    }
    const full = staying.filter(() => this.#random.chance(0.5));
    for (const process of full) this.#fill(process);
    return () => {
      for (const process of leavers) process.post(() => process.cluster.setLeaving(false));
    };
  }

  /** It has no memory left, again and again. */
  #fill(process: SimProcess): void {
    const { world } = this.#cluster;
    const { memory } = process.broker;
    const { maxBytes } = memory;
    const untilMs = world.nowMs + TROUBLE_MS;
    const turn = (): void => {
      const isFull = memory.maxBytes !== maxBytes;
      memory.maxBytes = isFull || world.nowMs > untilMs ? maxBytes : 1;
      if (world.nowMs > untilMs) return;
      world.after(this.#random.fraction() * 2 * FULL_PACE_MS, turn);
    };
    turn();
  }

  /** Turns and messages are late, again and again. */
  #trouble(): void {
    const { world, network } = this.#cluster;
    const untilMs = world.nowMs + TROUBLE_MS;
    network.spikeMs = this.#random.pick(SPIKES_MS);
    const helping = this.#random.pick(HELPINGS);
    for (const process of this.#cluster.running) process.helping = helping;
    world.after(TROUBLE_MS, () => {
      network.spikeMs = 0;
      for (const process of this.#cluster.running) process.helping = HELPING;
    });
    const delay = (): void => {
      const { running } = this.#cluster;
      if (world.nowMs > untilMs || running.length === 0) return;
      this.#random.pick(running).stop(this.#random.below(STILL_MS_MAX));
      world.after(this.#random.fraction() * 2 * STILL_PACE_MS, delay);
    };
    delay();
  }
}
