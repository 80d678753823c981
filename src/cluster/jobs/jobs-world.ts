/**
 * What the machines that look after copies share: the broker, the other nodes, and the way to them.
 *
 * Each machine of this folder has one subject (new copies, acknowledgements, lending, repair) and knows
 * of the others only what stands here. Nothing here decides anything.
 */
import type { Broker } from "../../core/broker.ts";
import type { Host } from "../../core/host.ts";
import type { Job } from "../../core/job.ts";
import type { JobLookup } from "../job-lookup.ts";
import type { JobMessage } from "../job-messages.ts";
import type { Nodes } from "../nodes.ts";
import type { Placement } from "../placement.ts";

/** How often it is looked whether a peer is not congested any more, ms. */
export const CONGESTION_LOOK_MS = 10;

/** The surroundings of the machines. */
export interface JobsWorld {
  readonly host: Host;
  readonly broker: Broker;
  readonly nodes: Nodes;
  readonly placement: Placement;
  readonly lookup: JobLookup;
  /**
   * Sends to a member. Control messages wait for one that is away; bulk messages are lost on it. Nothing
   * happens for an index that is no member's.
   */
  tell(node: number, message: JobMessage): void;
  /**
   * So much is on its way to a member that nothing large may follow: no copies, no jobs. What is to be
   * sent stays with whoever wants to send it, who looks again after CONGESTION_LOOK_MS.
   */
  isCongested(node: number): boolean;
  /** Smoothed round-trip time to a member, ms; a guess before the first measurement. */
  roundTripMs(node: number): number;
  /** A slow peer lets requests for copies go unanswered: it comes last in every choice. */
  setSlow(node: number, isSlow: boolean): void;
  /** Whether it does: what it was asked for may not be there. */
  isSlow(node: number): boolean;
  /** `Jobs.isUntold` or `Jobs.untoldIds` is another one, and to be remembered over a restart. */
  untoldChanged(): void;
  /** When anything was last heard of a member, monotonic ms. */
  heardAtMs(node: number): number;
  /** `cluster-node-timeout`. */
  readonly nodeTimeoutMs: number;
  /** `cluster-repair-delay`: how long a holder may be absent before it is replaced. */
  readonly repairDelayMs: number;
  log(level: "verbose" | "notice" | "warning", message: string, data?: object): void;
}

/** What happens to other nodes, as every machine is told of it. */
export interface PeerEvents {
  /** It can be spoken to from now on. */
  peerUp(node: number): void;
  /** It cannot be spoken to any more; it may be dead or not. */
  peerDown(node: number): void;
  /** It has started again and holds nothing of what it had: it is out of all lists already. */
  peerRestarted(node: number): void;
  /** It is no member any more, and out of all lists already; its index will be somebody else's. */
  peerRemoved(node: number, nodeId: string): void;
  /** What was on its way to it was dropped: what matters is to be said again. */
  streamBroken(node: number): void;
  /** What was on its way from it was dropped, though it has not started again: answers may be missing. */
  answersLost(node: number): void;
}

/** What the machines ask of each other; the facade (jobs.ts) passes it on. */
export interface JobsMachines {
  /** An own job that is over, or whose ADDJOB failed: nobody may bring it back (collector.ts). */
  cancel(job: Job): void;
  /** A job is acknowledged, as this node learns by other ways than ACKJOB (collector.ts). */
  learnAcked(job: Job): void;
  /** These nodes may have a job that is acknowledged here: they are to know (collector.ts). */
  ackedThere(job: Job, nodes: readonly number[]): void;
  /**
   * Makes that many more copies of an own job; how many were begun. `done`, which only takes notes, is
   * told when they exist or will not; not if none was begun (new-copies.ts).
   */
  makeCopies(job: Job, count: number, done?: () => void): number;
  /**
   * Takes copies of an own job from these nodes, which stay in its list until they say so, and are not counted on;
   * `canWait`: there are only too many (new-copies.ts).
   */
  dropCopies(job: Job, nodes: readonly number[], canWait: boolean): void;
  /** That node gave this one the job, and has it until it has heard of the arrival: it says so then (open-requests.ts). */
  given(job: Job, node: number): void;
  /** Tells a node that the job with this id is not here any more, or, should it be, that it is (held-copies.ts). */
  hasNone(id: Int32Array, node: number): void;
  /**
   * Nodes on whose copies of a job nobody can count before they answer: they are in the list of an own job. Of
   * another's, as this node has kept it and asked them, they may get it yet without its keeper's knowing (open-requests.ts).
   */
  unconfirmed(job: Job): readonly number[];
  /** Other nodes keep jobs that were own ones before this message (open-requests.ts). */
  keepsNoMore(): void;
  /** Tells everybody in the list of an own job what the list is now (takeovers.ts). */
  announceList(job: Job): void;
  /** Tells everybody in the list of an own job that this node is its keeper now (takeovers.ts). */
  announceTaken(job: Job): void;
  /** Tells one node who keeps an own job or a copy, which it may not know of (takeovers.ts). */
  showTo(job: Job, node: number): void;
  /** Ids of nodes that may have jobs of this one without its knowing; undefined: none (reunions.ts). */
  readonly strangers: readonly string[] | undefined;
  /** A node may know of this one's jobs what is not known here: it is shown all when it can be spoken to (reunions.ts). */
  estrange(node: number): void;
  /** A node is told that there is no copy of the job with this id here; it hears of one that comes yet (held-copies.ts). */
  denied(id: Int32Array, node: number): void;
  /** The job with this id is over, and who has not heard of that may have sent it: it is not taken in for a while (held-copies.ts, late-pushes.ts). */
  noteOver(id: Int32Array): void;
  /** A job has become a tombstone: no push of it is taken in that was held back (late-pushes.ts). */
  buried(job: Job): void;
  /** A node has a job that is not here: it is told if that is over, for all that was heard of it lately (held-copies.ts). */
  sayIfOver(id: Int32Array, node: number): boolean;
  /** This node becomes the keeper of its copy (takeovers.ts). */
  takeOver(job: Job): void;
  /** Tells the keeper of a copy that it is believed to be that; it says if it is not (takeovers.ts). */
  askKeeper(job: Job): void;
  /** Gives an own job to another node for good; `done` is told how it ended (handover.ts). */
  sendAway(job: Job, done?: (isKept: boolean) => void): void;
  /** The node that a job was sent to for good and that has not answered yet, or -1 (handover.ts). */
  headedFor(job: Job): number;
  /** Whether a job that is lent to that node is on its way there for good, and not back and lent there once more (handover.ts). */
  isOnItsWay(job: Job, node: number): boolean;
  /** A job of this node is lent: if it was sent away for good, it is not on that way any more (handover.ts). */
  isLentNow(job: Job): void;
  /** A job is on its way for good to a node that is dead, for all one knows (handover.ts). */
  callHome(job: Job): void;
  /** That node has the job with this id for good now, and it is about to go here (handover.ts). */
  gave(id: Int32Array, node: number): void;
  /** Who was lately given that job for good, or -1 (handover.ts). */
  givenTo(id: Int32Array): number;
  /** Something may be wrong with this job: look at it (sweep.ts). */
  examine(job: Job): void;
  /** Nodes in this job's list may be about to say that they have nothing: no copy is taken away for a while (sweep.ts). */
  doubtList(job: Job): void;
  /** Something may be wrong with many jobs: look at all (sweep.ts). */
  examineAll(): void;
  /** A node has forgotten its jobs: whoever believes itself covered asks in a while (sweep.ts). */
  audit(): void;
  /** Nodes that may have copies of which no list here tells: these are asked about all that is acknowledged (sweep.ts). */
  unreported(): readonly number[];
  /** A keeper has named holders that are no members here: it is asked again when they may be (sweep.ts). */
  doubt(keeper: number): void;
  /** A borrowed job is about to be none here: unless a client has it, its keeper is told that nobody takes it (borrowing.ts). */
  giveBack(job: Job): void;
  /** A lent job was asked back: whoever has borrowed it shall forget it (lending.ts). */
  recall(job: Job): void;
}

/** A machine as the facade drives it. */
export interface JobsMachine extends PeerEvents {
  /** The end of a turn. */
  tick(): void;
  /** Monotonic ms of the next thing to do; Infinity when there is none. */
  readonly nextWakeAtMs: number;
  /** All jobs of this node are gone at once. */
  flushed(): void;
}
