/**
 * All queues of the cluster, each once: read from all nodes, portion by portion, and joined by name.
 *
 * Which queue is the longest of all can only be said by who has seen all of them. A portion is what a node tells in a turn
 * without keeping clients waiting; the next one is asked for when all have told. Numbers of queues
 * differ between nodes, so the next portion begins where the node is that is least far, and what the others
 * tell once more is passed over. A node that did not tell in one of the portions is reported so, whatever it told in others. Whoever looks while queues are read, or soon after, gets the same ones.
 */
import type { NodeTotals } from "../cluster/totals.ts";
import type { TotalsQuestion } from "../cluster/totals-own.ts";
import { QueueJoining, type QueueTotals } from "../cluster/totals-sum.ts";
import type { Host } from "../core/host.ts";
import type { Slices } from "./slices.ts";

/** Every node tells of so many queues at a time: a millisecond. */
export const QUEUES_PER_PORTION = 250;
/** More queues of a node are not looked at: 20,000. */
const PORTIONS_MAX = 80;
/** What took more than one portion is good for so long. */
const FRESH_MS = 2000;

/** What was read. */
export interface ClusterReading {
  readonly queues: readonly QueueTotals[];
  /** What became of asking each node, with the greatest age of its figures. */
  readonly nodes: readonly NodeTotals[];
  /** A node has more queues than it has told of, as far as is known. */
  readonly isPartial: boolean;
}

interface KeptReading extends ClusterReading {
  readonly readAtMs: number;
  readonly portions: number;
}

/** Asks all nodes. */
type AskAll = (question: TotalsQuestion) => Promise<readonly NodeTotals[]>;

/** Reads, for all who look at once. */
export class ClusterQueues {
  readonly #host: Pick<Host, "nowMs">;
  readonly #askAll: AskAll;
  readonly #slices: Pick<Slices, "next">;
  #reading: Promise<KeptReading> | undefined;
  #freshUntilMs = 0;

  constructor(host: Pick<Host, "nowMs">, askAll: AskAll, slices: Pick<Slices, "next">) {
    this.#host = host;
    this.#askAll = askAll;
    this.#slices = slices;
  }

  /** All queues. Rejects with what asking throws. */
  async take(): Promise<ClusterReading> {
    const host = this.#host;
    if (this.#reading === undefined || host.nowMs >= this.#freshUntilMs) {
      this.#freshUntilMs = Number.POSITIVE_INFINITY;
      this.#reading = this.#read();
      this.#reading.then(
        ({ portions }) => {
          this.#freshUntilMs = portions > 1 ? host.nowMs + FRESH_MS : 0;
        },
        () => {
          this.#freshUntilMs = 0;
        },
      );
    }
    const { readAtMs, ...reading } = await this.#reading;
    return { ...reading, nodes: aged(reading.nodes, host.nowMs - readAtMs) };
  }

  async #read(): Promise<KeptReading> {
    const host = this.#host;
    const joining = new QueueJoining();
    const failures = new Failures();
    const beganAtMs = host.nowMs;
    let scanFrom = 0;
    for (let portions = 1; ; portions++) {
      const askedAtMs = host.nowMs;
      const question = { queues: [], scanFrom, scanCount: QUEUES_PER_PORTION };
      const nodes = await this.#askAll(question);
      joining.add(nodes);
      failures.note(nodes);
      const open = nodes.map(({ reading }) => reading?.scanNext ?? 0).filter((next) => next > 0);
      // Every further question would wait as long for who is silent.
      const isLast = portions >= PORTIONS_MAX || nodes.some(({ answer }) => answer === "silent");
      if (open.length === 0 || isLast) {
        return {
          queues: joining.queues,
          nodes: aged(failures.among(nodes), askedAtMs - beganAtMs),
          isPartial: open.length > 0 || failures.areOfHeard,
          readAtMs: host.nowMs,
          portions,
        };
      }
      scanFrom = Math.min(...open);
      await this.#slices.next();
    }
  }
}

/** Who did not tell in some portion. */
class Failures {
  readonly #failed = new Map<string, NodeTotals>();
  readonly #heard = new Set<string>();

  note(nodes: readonly NodeTotals[]): void {
    for (const node of nodes) {
      if (node.reading === undefined) this.#failed.set(node.nodeId, node);
      else this.#heard.add(node.nodeId);
    }
  }

  /** The nodes, each with what became of asking it at worst. */
  among(nodes: readonly NodeTotals[]): NodeTotals[] {
    return nodes.map((node) => this.#failed.get(node.nodeId) ?? node);
  }

  /** Of a node that failed some queues are known. */
  get areOfHeard(): boolean {
    return [...this.#failed.keys()].some((nodeId) => this.#heard.has(nodeId));
  }
}

function aged(nodes: readonly NodeTotals[], ms: number): NodeTotals[] {
  return nodes.map((node) => ({ ...node, ageMs: node.ageMs + ms }));
}
