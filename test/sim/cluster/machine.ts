/**
 * A place for processes: an address, a wall clock, and a disk with what the nodes file would hold.
 *
 * One process after the other runs on it. The next one knows who it was and whom it knew, and, if the
 * machine has a log, its jobs as they were after the last turn of the one before, or some turns earlier.
 */
import type { MembershipSnapshot } from "../../../src/cluster/members/snapshot.ts";
import type { PauseNews } from "../../../src/cluster/messages.ts";
import { Xorshift } from "../../../src/util/xorshift.ts";
import { MemoryLog } from "../../support/memory-log.ts";
import type { SimProcess } from "./process.ts";
import type { Story } from "./story.ts";

/** The bus port of every node; each has an address of its own. */
export const BUS_PORT = 17_711;
/** A monotonic clock is off by this share at most. */
const DRIFT_MAX = 2e-4;
const ID_WORDS = 5;

/** A node id, always the same for the same machine and life. */
export function nodeIdOf(machine: number, life: number): string {
  const random = new Xorshift(machine * 64 + life);
  const words = Array.from({ length: ID_WORDS }, () => random.word());
  return words.map((word) => word.toString(16).padStart(8, "0")).join("");
}

/** What survives a process. */
export interface Disk {
  readonly membership: MembershipSnapshot;
  readonly pauses: readonly PauseNews[];
}

/** What a machine is like. */
export interface MachineFacts {
  /** Its clock is not quite right. */
  readonly drifts: boolean;
  readonly hasLog: boolean;
  readonly zone: string;
}

/** One machine. */
export class Machine {
  readonly number: number;
  readonly ip: string;
  disk: Disk;
  process: SimProcess | undefined;
  /** Jobs are logged here. */
  readonly log: MemoryLog | undefined;
  /** The last process, if it is to come back with what it has logged. */
  logged: SimProcess | undefined;
  /** The end of the log is lost: jobs that could be delivered on the last process. */
  torn: ReadonlySet<Story> | undefined;
  /** How many ids it has had. */
  life = 0;
  wallErrorMs = 0;
  /** Of the monotonic clock, against true time. */
  readonly clockRate: number;
  /** What fails together with it, as an operator said; "": nothing was said. */
  readonly zone: string;

  constructor(number: number, random: Xorshift, { drifts, hasLog, zone }: MachineFacts) {
    this.number = number;
    this.log = hasLog ? new MemoryLog() : undefined;
    this.zone = zone;
    this.ip = `10.0.0.${number}`;
    this.clockRate = drifts ? 1 + (random.fraction() * 2 - 1) * DRIFT_MAX : 1;
    const nodeId = nodeIdOf(number, 0);
    const membership = {
      nodeId,
      incarnation: 0,
      memoryIncarnation: 0,
      isLeaving: false,
      members: [],
    };
    this.disk = { membership, pauses: [] };
  }

  /** Another id, as after a hard reset. */
  nextNodeId(): string {
    this.life++;
    return nodeIdOf(this.number, this.life);
  }
}
