/**
 * Answers about the whole cluster: every member is asked for its figures, and who asked gets them all
 * at once, with the name of everybody who did not answer.
 *
 *   ask ──▶ question to all that are linked ──▶ answers ──▶ all there, or the time is up ──▶ receiver
 *
 * A sum over some of the nodes that looks like one over all would be worse than none: each node is
 * listed with what became of the question. Figures are not kept, so they are never older than the
 * question. An answer that comes too late is dropped; nothing is asked twice.
 */
import type { Broker } from "../core/broker.ts";
import type { Host } from "../core/host.ts";
import type { Jobs } from "./jobs/jobs.ts";
import type { PeerLink } from "./members/links.ts";
import type { Member } from "./members/member.ts";
import type { Membership } from "./members/membership.ts";
import type { Message, TotalsMessage } from "./messages.ts";
import { type NodeReading, readNode, type TotalsQuestion } from "./totals-own.ts";

/** How long answers are waited for; a node that takes longer is as good as silent for who watches. */
export const TOTALS_WAIT_MS = 1000;
/** Questions of this node that may be open; each may bring an answer from every member. */
const QUESTIONS_OPEN_MAX = 64;

/** What became of asking a node. */
export type NodeAnswer = "answered" | "silent" | "not connected";

/** One node's part. */
export interface NodeTotals {
  readonly nodeId: string;
  readonly answer: NodeAnswer;
  /** Its figures are at most so old when they are handed over, ms; Infinity without an answer. */
  readonly ageMs: number;
  /** Since anything was heard of it, ms; Infinity: never. 0 for this node. */
  readonly heardMsAgo: number;
  readonly reading: NodeReading | undefined;
}

/** Who is told. */
export interface TotalsReceiver {
  /** This node comes first. Called once, at the end of a turn. */
  totalsKnown(nodes: readonly NodeTotals[]): void;
}

/** What has to be known of a member. */
export type AskedMember = Pick<Member, "id" | "link" | "heardAtMs">;

/** What totals are made from. */
export interface TotalsParts {
  readonly host: Host;
  readonly broker: Broker;
  readonly jobs: Jobs;
  readonly membership: Pick<Membership, "nodeId"> & { members(): Iterable<AskedMember> };
  readonly links: { send(link: PeerLink, message: Message): void };
}

interface Asked {
  readonly member: AskedMember;
  /** The link over which it was asked: an answer comes over the same one or not at all. */
  readonly link: PeerLink | undefined;
  reading: NodeReading | undefined;
}

interface OpenQuestion {
  readonly number: number;
  readonly receiver: TotalsReceiver;
  readonly question: TotalsQuestion;
  readonly askedAtMs: number;
  readonly asked: readonly Asked[];
}

/** Asks and answers. */
export class Totals {
  readonly #parts: TotalsParts;
  #open: OpenQuestion[] = [];
  #nextNumber = 1;

  constructor(parts: TotalsParts) {
    this.#parts = parts;
  }

  /** Questions that wait for answers. */
  get openCount(): number {
    return this.#open.length;
  }

  /** Monotonic ms at which `tick` has work. */
  get nextWakeAtMs(): number {
    let atMs = Number.POSITIVE_INFINITY;
    for (const question of this.#open) {
      if (isComplete(question)) return this.#parts.host.nowMs;
      atMs = Math.min(atMs, question.askedAtMs + TOTALS_WAIT_MS);
    }
    return atMs;
  }

  /** Asks all members; false when too many questions are open already. */
  ask(question: TotalsQuestion, receiver: TotalsReceiver): boolean {
    if (this.#open.length >= QUESTIONS_OPEN_MAX) return false;
    const { host, membership, links } = this.#parts;
    const number = this.#nextNumber++;
    const asked = [...membership.members()].map((member) => {
      const { link } = member;
      if (link !== undefined) links.send(link, { type: "question", question: number, ...question });
      return { member, link, reading: undefined };
    });
    this.#open.push({ number, receiver, question, askedAtMs: host.nowMs, asked });
    return true;
  }

  /** Whoever asked does not want to know any more. */
  cancel(receiver: TotalsReceiver): void {
    this.#open = this.#open.filter((open) => open.receiver !== receiver);
  }

  /** A member asks, or answers. */
  received(member: AskedMember, message: TotalsMessage): void {
    if (message.type === "question") this.#answer(member, message);
    else this.#note(member, message);
  }

  /** Hands over what is complete or has waited long enough. */
  tick(): void {
    if (this.#open.length === 0) return;
    const overSinceMs = this.#parts.host.nowMs - TOTALS_WAIT_MS;
    const over = this.#open.filter((open) => isComplete(open) || open.askedAtMs <= overSinceMs);
    if (over.length === 0) return;
    this.#open = this.#open.filter((open) => !over.includes(open));
    for (const open of over) open.receiver.totalsKnown(this.#outcome(open));
  }

  #answer({ link }: AskedMember, asked: TotalsMessage & { type: "question" }): void {
    if (link === undefined) return;
    const reading = readNode(this.#parts, asked);
    this.#parts.links.send(link, { type: "answer", question: asked.question, ...reading });
  }

  #note(member: AskedMember, { question, ...reading }: TotalsMessage & { type: "answer" }): void {
    const open = this.#open.find(({ number }) => number === question);
    const asked = open?.asked.find((candidate) => candidate.member === member);
    if (asked !== undefined) asked.reading ??= reading;
  }

  /** This node reads its own figures last: they are of now. */
  #outcome({ asked, askedAtMs, question }: OpenQuestion): NodeTotals[] {
    const { host, membership } = this.#parts;
    const own: NodeTotals = {
      nodeId: membership.nodeId,
      answer: "answered",
      ageMs: 0,
      heardMsAgo: 0,
      reading: readNode(this.#parts, question),
    };
    const others = asked.map(({ member, link, reading }): NodeTotals => {
      const isLinked = link !== undefined && member.link === link;
      const failure = isLinked ? "silent" : "not connected";
      return {
        nodeId: member.id,
        answer: reading === undefined ? failure : "answered",
        ageMs: reading === undefined ? Number.POSITIVE_INFINITY : host.nowMs - askedAtMs,
        heardMsAgo: host.nowMs - member.heardAtMs,
        reading,
      };
    });
    return [own, ...others];
  }
}

/** Nobody is left who could still answer. */
function isComplete({ asked }: OpenQuestion): boolean {
  return asked.every(
    ({ member, link, reading }) =>
      reading !== undefined || link === undefined || member.link !== link,
  );
}
