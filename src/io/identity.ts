/**
 * Who this node is, as the nodes file remembers it: node id, whom it knows, leaving, paused queues.
 *
 * The file is written before the replies of the turn in which something changed, and at the first
 * start before anything else: a node that is killed must come back as the same one.
 */
import type { MembershipSnapshot } from "../cluster/members/snapshot.ts";
import type { Pauses } from "../cluster/pauses.ts";
import type { Broker } from "../core/broker.ts";
import type { Logger } from "./logger.ts";
import { NodesFile } from "./nodes-file.ts";
import { FORMER_IDS_MAX } from "./nodes-file-format.ts";
import type { NodesState, StoredPause } from "./nodes-state.ts";
import { causeText } from "./system-error.ts";

/** After a failed write the next one is tried this much later. */
const RETRY_MS = 1000;
const FOLDER_LOST = "the data directory belongs to another server now";
const STILL_LEAVING = "this node is still leaving and keeps no jobs, CLUSTER LEAVING no ends that";
const ID_NOT_SAVED = "the nodes file does not name the node's new id yet";

/** Who knows the members, and the pauses of all nodes. */
export interface ClusterMemory {
  readonly snapshot: MembershipSnapshot;
  readonly pauses: Pick<Pauses, "restore" | "values" | "find">;
}

/** Keeps the nodes file the same as the broker and the membership. */
export class Identity {
  readonly #file: NodesFile;
  readonly #log: Logger;
  readonly #isFolderOurs: () => boolean;
  #broker: Broker | undefined;
  #cluster: ClusterMemory | undefined;
  #loaded: NodesState | undefined;
  /** Of the node, as the file says; "": there is no file yet. */
  #savedId = "";
  /** Ids it had before; the file names them until no log can be theirs any more. */
  #formerIds: readonly string[] = [];
  #hasChanged = false;
  /** The file may follow: what it said is not needed any more to load the log. */
  #isStarted = false;
  #notBeforeMs = 0;
  #wasSavedThisTurn = false;

  /** @param isFolderOurs asked before every write, for the lock can be lost at any time */
  constructor(path: string, log: Logger, isFolderOurs: () => boolean) {
    this.#file = new NodesFile(path);
    this.#log = log;
    this.#isFolderOurs = isFolderOurs;
  }

  /** What the file says; a new node is in the file when this returns. Throws if it cannot be. */
  load(newNodeId: () => string): NodesState {
    const found = this.#file.load();
    if (found.kind === "refused") throw new Error(found.message);
    if (found.kind === "loaded") {
      if (found.origin === "reference") {
        this.#log.notice("nodes file of Disque converted", { file: this.#file.path });
      }
      this.#loaded = found.state;
      this.#savedId = found.state.nodeId;
      this.#formerIds = found.state.formerIds;
      if (found.state.isLeaving) this.#log.warning(STILL_LEAVING);
      return found.state;
    }
    const nodeId = newNodeId();
    const life = { incarnation: 0, memoryIncarnation: 0, isLeaving: false };
    const fresh = { nodeId, ...life, formerIds: [], pauses: [], members: [] };
    this.#loaded = fresh;
    this.#file.save(fresh);
    this.#savedId = nodeId;
    this.#log.notice("new node id", { nodeId });
    return fresh;
  }

  /**
   * Gives broker and cluster the pauses that the file remembers, and follows them from now on. Throws
   * if the file cannot be written: nobody may meet the same incarnation twice.
   */
  restore(broker: Broker, cluster: ClusterMemory): void {
    this.restorePauses(broker, cluster);
    this.saveAtStart(false);
  }

  /** The first half of it, when there is more to be done before the file may be written. */
  restorePauses(broker: Broker, cluster: ClusterMemory): void {
    this.#broker = broker;
    this.#cluster = cluster;
    const state = this.#loaded;
    if (state === undefined) return;
    for (const pause of state.pauses) {
      if (pause.broadcast !== undefined) {
        cluster.pauses.restore({ queue: pause.queue, ...pause.broadcast });
      }
      if (pause.state === "none") continue;
      const queue = broker.queues.entry(pause.queue, 0, pause.queue.length);
      const isAll = pause.state === "all";
      broker.pause(queue, isAll || pause.state === "in", isAll || pause.state === "out");
    }
  }

  /** The second half. `hasOwnLog`: what counts of the log is this node's, and of no former id. */
  saveAtStart(hasOwnLog: boolean): void {
    if (hasOwnLog) this.#formerIds = [];
    const error = this.save();
    if (error !== undefined) throw new Error(error);
    this.#isStarted = true;
  }

  /** Why nothing may be written beside the file in the name of this id; "": nothing speaks against it. */
  obstacleTo(nodeId: string): string {
    if (!this.#isFolderOurs()) return FOLDER_LOST;
    return nodeId === this.#savedId ? "" : ID_NOT_SAVED;
  }

  /** Something that the file holds has changed. */
  changed(): void {
    this.#hasChanged = true;
  }

  /**
   * At the end of a turn: replies that promise a change leave after this. Returns when it must be
   * tried again (monotonic ms); Infinity when all is saved. Before `saveAtStart` it does nothing: the
   * new incarnation in the file would tell the start after a kill that this one's memory was empty.
   */
  saveIfChanged(nowMs: number): number {
    this.#wasSavedThisTurn = false;
    if (!this.#hasChanged || !this.#isStarted) return Number.POSITIVE_INFINITY;
    if (nowMs < this.#notBeforeMs) return this.#notBeforeMs;
    const error = this.save();
    if (error === undefined) return Number.POSITIVE_INFINITY;
    this.#notBeforeMs = nowMs + RETRY_MS;
    this.#log.warning("the nodes file was not saved, trying again", { error });
    return this.#notBeforeMs;
  }

  /**
   * Writes the file now, and once in a turn: what changes after that is written at its end, with all
   * the rest. A client that sends a thousand PAUSEs in a row would otherwise stop everybody else for
   * as many times as the disk needs. The error's text when it failed.
   */
  saveOnce(): string | undefined {
    if (this.#wasSavedThisTurn) {
      this.#hasChanged = true;
      return undefined;
    }
    const error = this.save();
    this.#wasSavedThisTurn = error === undefined;
    return error;
  }

  /** Writes the file now; the error's text when that failed. */
  save(): string | undefined {
    const [broker, cluster] = [this.#broker, this.#cluster];
    if (broker === undefined || cluster === undefined) return undefined;
    if (!this.#isFolderOurs()) return FOLDER_LOST;
    const { snapshot } = cluster;
    const isOther = snapshot.nodeId !== this.#savedId;
    const formerIds = isOther ? [...this.#formerIds, this.#savedId] : this.#formerIds;
    const state: NodesState = {
      ...snapshot,
      formerIds: formerIds.slice(-FORMER_IDS_MAX),
      pauses: pausesOf(broker, cluster.pauses),
    };
    try {
      this.#file.save(state);
      this.#savedId = state.nodeId;
      this.#formerIds = state.formerIds;
      this.#hasChanged = false;
      return undefined;
    } catch (error) {
      return causeText(error);
    }
  }
}

/** Queues that are paused here, and those that were announced to be in any state. */
function pausesOf(broker: Broker, announced: ClusterMemory["pauses"]): StoredPause[] {
  const pauses: StoredPause[] = [];
  for (const { queue, counter, nodeId, state } of announced.values()) {
    const here = broker.queues.known(queue, 0, queue.length)?.pauseState ?? "none";
    pauses.push({ queue, state: here, broadcast: { counter, nodeId, state } });
  }
  for (let number = 0; number < broker.queues.numberLimit; number++) {
    const queue = broker.queues.at(number);
    if (!queue?.isPaused || announced.find(queue.name) !== undefined) continue;
    pauses.push({ queue: queue.name, state: queue.pauseState });
  }
  return pauses;
}
