/**
 * What stands on the two sides of a simulated node: its host, and its clients' connections.
 *
 * A connection is what the server keeps of a client: who waits, which answer is on its way, and which
 * jobs are in it; these the server's own code knows (unwritten-jobs.ts). What clients do is in
 * clients.ts.
 */
import { UnwrittenJobs } from "../../src/commands/unwritten-jobs.ts";
import type { Host } from "../../src/core/host.ts";
import type { Waiter } from "../../src/core/waiting-room.ts";
import type { Xorshift } from "../../src/util/xorshift.ts";
import type { Delivery } from "./history.ts";

const LOOK_MICROS = 50;

/** The world of one node: clocks that the simulation moves, and seeded chance. */
export class SimHost implements Host {
  nowMs = 1000;
  wallMs = 1_700_000_000_000;
  #micros = 0;
  readonly #random: Xorshift;

  constructor(random: Xorshift) {
    this.#random = random;
  }

  randomWord(): number {
    return this.#random.word();
  }

  /** Nothing takes time but what the simulation makes slow, and this look at the clock: who waits by looking has an end. */
  elapsedMicros(): number {
    this.#micros = Math.max(this.#micros + LOOK_MICROS, this.nowMs * 1000);
    return this.#micros;
  }
}

/** What a producer asks for. */
export interface SimJob {
  readonly queue: string;
  readonly body: string;
  readonly delaySeconds: number;
  readonly retrySeconds: number;
  readonly ttlSeconds: number;
}

/** What a consumer asks for. */
export interface SimAsk {
  readonly queues: readonly string[];
  readonly count: number;
  readonly isNoHang: boolean;
  /** 0: waits for ever. */
  readonly timeoutMs: number;
}

/** One client's connection to a node. */
export class SimConnection {
  readonly name: string;
  readonly unwritten = new UnwrittenJobs();
  /** Called when the client has read the answer to its GETJOB. */
  readonly answered: (jobs: readonly Delivery[]) => void;
  waiter: Waiter | undefined;
  /** An answer on its way to the client. */
  reply: readonly Delivery[] | undefined;
  /** The answer was given to the socket: the client may have read it although the socket broke. */
  isHanded = false;
  isOpen = true;

  constructor(name: string, answered: (jobs: readonly Delivery[]) => void) {
    this.name = name;
    this.answered = answered;
  }
}
