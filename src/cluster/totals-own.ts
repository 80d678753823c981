/**
 * What this node answers when another one asks for its figures: a reading of its broker.
 *
 * A question is from a peer and may ask for anything; an answer costs a bounded amount of work. Nothing
 * is changed by reading.
 */
import type { Broker } from "../core/broker.ts";
import type { Host } from "../core/host.ts";
import type { Queue } from "../core/queue.ts";
import type { Jobs } from "./jobs/jobs.ts";
import { PAUSED_NAME_BYTES_MAX, QUEUES_LISTED_MAX } from "./messages.ts";
import { nodeFigures, queueFigures } from "./totals-figures.ts";

/** Numbers of queues looked at for one answer; most of them may not be in use. */
const NUMBERS_PER_ANSWER = 20_000;
/** An answer with names of this length in sum is not made longer. */
const NAME_BYTES_PER_ANSWER = 1024 * 1024;

/** What is asked: the figures of a node are always told. */
export interface TotalsQuestion {
  /** Names of queues to tell of. */
  readonly queues: readonly Buffer[];
  /** And so many others, by their numbers from this one on; 0: none. */
  readonly scanFrom: number;
  readonly scanCount: number;
}

/** A queue on a node. */
export interface QueueReading {
  readonly queue: Buffer;
  readonly figures: readonly number[];
}

/** What one node says. */
export interface NodeReading {
  readonly figures: readonly number[];
  /** Queues that it does not have are not among them. */
  readonly queues: readonly QueueReading[];
  /** Where the numbers of its queues go on; 0: these were all. */
  readonly scanNext: number;
}

/** Where the figures come from. */
export interface ReadingParts {
  readonly host: Host;
  readonly broker: Broker;
  readonly jobs: Jobs;
}

/** This node's answer. */
export function readNode(parts: ReadingParts, question: TotalsQuestion): NodeReading {
  const { broker, jobs } = parts;
  const queues: QueueReading[] = [];
  for (const name of question.queues) {
    const queue = broker.queues.find(name, 0, name.length);
    if (queue !== undefined) queues.push(readQueue(parts, queue));
  }
  const scanNext = scan(parts, question, queues);
  const figures = nodeFigures.map(({ read }) => plain(read(broker, jobs)));
  return { figures, queues, scanNext };
}

/** The figures of one queue. */
export function readQueue({ broker, host }: ReadingParts, queue: Queue): QueueReading {
  const { nowMs, wallMs } = host;
  const figures = queueFigures.map(({ read }) => plain(read(queue, broker, nowMs, wallMs)));
  return { queue: queue.name, figures };
}

/** Appends queues by number; returns where they go on. Names too long for a message are left out. */
function scan(parts: ReadingParts, question: TotalsQuestion, found: QueueReading[]): number {
  const { queues } = parts.broker;
  const countMax = found.length + Math.min(question.scanCount, QUEUES_LISTED_MAX);
  const limit = Math.min(queues.numberLimit, question.scanFrom + NUMBERS_PER_ANSWER);
  if (question.scanCount === 0) return 0;
  let bytes = 0;
  let number = question.scanFrom;
  while (number < limit && found.length < countMax && bytes < NAME_BYTES_PER_ANSWER) {
    const queue = queues.at(number++);
    if (!queue?.isRegistered || queue.name.length > PAUSED_NAME_BYTES_MAX) continue;
    bytes += queue.name.length;
    found.push(readQueue(parts, queue));
  }
  return number < queues.numberLimit ? number : 0;
}

/** As it may travel: a clock that was set back must not make a number negative. */
function plain(value: number): number {
  return Number.isFinite(value) ? Math.max(0, Math.floor(value)) : 0;
}
