/**
 * Federation: jobs go where clients wait for them.
 *
 *   demand.ts     what clients here wait for       supply.ts     jobs that nobody here waits for
 *   borrowing.ts  jobs of others, for clients      loans.ts      jobs of this node, elsewhere
 *                       market.ts  brings the two together, as owner of queues
 *
 * A queue that concerns other nodes has a trade (trade.ts). Whatever happens to it marks it, and it is
 * looked at once at the end of the turn. Nothing here runs by time but what is said in hindsight.
 */
import type { Job } from "../../../core/job.ts";
import type { Queue } from "../../../core/queue.ts";
import type { MessageOf } from "../../job-messages.ts";
import { NO_INDEX } from "../../nodes.ts";
import type { JobsMachine, JobsMachines, JobsWorld } from "../jobs-world.ts";
import { Borrowing } from "./borrowing.ts";
import { Demand } from "./demand.ts";
import { Flow } from "./flow.ts";
import { LatePushes } from "./late-pushes.ts";
import { Loans } from "./loans.ts";
import { Mail } from "./mail.ts";
import { MarketHall } from "./market.ts";
import { PartnerTrades } from "./partner-trades.ts";
import { QueueNotices } from "./queue-notices.ts";
import { Supply } from "./supply.ts";
import type { Trade } from "./trade.ts";
import { Trades } from "./trades.ts";

/** Trades looked at in one turn; the rest follows in the next one. */
const TRADES_PER_TURN = 5000;

type LendingMessage = MessageOf<
  "push" | "resent" | "recall" | "handed" | "returned" | "want" | "have" | "grant"
>;

/** Lends and borrows jobs. */
export class Lending implements JobsMachine {
  /** What clients do to borrowed jobs is told there. */
  readonly borrowing: Borrowing;
  readonly loans: Loans;
  readonly late: LatePushes;
  readonly #world: JobsWorld;
  readonly #trades: Trades;
  readonly #mail: Mail;
  readonly #flow: Flow;
  readonly #market: MarketHall;
  readonly #demand: Demand;
  readonly #supply: Supply;
  readonly #partners: PartnerTrades;
  readonly #notices: QueueNotices;

  constructor(world: JobsWorld, machines: JobsMachines) {
    this.#world = world;
    this.#trades = new Trades(world);
    this.#mail = new Mail(world);
    this.#flow = new Flow(world);
    this.#market = new MarketHall(world, this.#trades, this.#mail);
    this.#demand = new Demand(world, this.#trades, this.#mail, this.#market);
    this.borrowing = new Borrowing(world, machines, this.#trades, this.#mail, this.#demand);
    this.#supply = new Supply({
      world,
      machines,
      trades: this.#trades,
      mail: this.#mail,
      market: this.#market,
      flow: this.#flow,
    });
    this.loans = new Loans(world, machines, this.#mail);
    this.#partners = new PartnerTrades(this.#trades, this.#demand, this.#supply, this.#market);
    this.#notices = new QueueNotices(world, this.#trades, this.#market);
    const take = this.borrowing.pushed.bind(this.borrowing);
    this.late = new LatePushes(world, take, (node) => this.#partners.doubtWants(node));
  }

  /** Queues that concern other nodes, as this node knows; for INFO. */
  get trades(): number {
    return this.#trades.count;
  }

  /** Queues whose waiters and jobs this node brings together; for INFO. */
  get markets(): number {
    return this.#market.count;
  }

  /** Jobs sent to where clients waited since the start; for INFO. */
  get jobsPushed(): number {
    return this.#supply.pushed;
  }

  /** Jobs that came for clients here since the start, and those of them that went back; for INFO. */
  get jobsImported(): number {
    return this.borrowing.received;
  }

  get jobsReturned(): number {
    return this.borrowing.returned;
  }

  get nextWakeAtMs(): number {
    const { host, broker } = this.#world;
    if (this.#trades.hasDue || broker.queues.hasChanges || this.#mail.isDue) return host.nowMs;
    const atMs = Math.min(this.#trades.nextWakeAtMs, this.borrowing.nextWakeAtMs);
    return Math.min(atMs, this.late.nextWakeAtMs);
  }

  tick(): void {
    this.#notices.noticePartners();
    this.late.tick();
    this.borrowing.settle();
    this.#notices.noticeChanges();
    this.#trades.wake(this.#world.host.nowMs);
    let left = TRADES_PER_TURN;
    while (this.#trades.hasDue && left > 0) {
      for (const trade of this.#trades.takeDue()) {
        if (left-- > 0) this.#review(trade);
        else this.#trades.markDue(trade);
      }
    }
    this.#mail.send();
  }

  /** All jobs are about to go: every push that came is answered before anything else is said. */
  answerAll(): void {
    this.borrowing.answerAll();
    this.#mail.send();
  }

  flushed(): void {
    this.#trades.queuesFlushed();
  }

  peerUp(node: number): void {
    this.late.begin(node);
    this.#world.tell(node, { type: "resent" });
  }

  peerDown(node: number): void {
    this.late.linkEnded(node);
  }

  linkIsStale(node: number): void {
    this.late.linkIsStale(node);
  }

  peerRestarted(node: number): void {
    this.#forget(node);
  }

  /** All its jobs are gone, and nothing is held any more of what it had lent. */
  peerFlushed(node: number): void {
    this.late.forget(node);
    this.loans.endForgotten(node);
  }

  peerRemoved(node: number): void {
    this.#forget(node);
    this.#mail.forget(node);
  }

  streamBroken(node: number): void {
    this.#endUnsure(node);
    this.#partners.doubt(node);
  }

  /** That jobs were handed out there, or came back, may have been said in vain; what it wants and has it says again. */
  answersLost(node: number): void {
    this.#endUnsure(node);
    this.#partners.forgetWishes(node);
  }

  /** It has started again: nobody waits there any more, nor has anybody borrowed anything. */
  partnerReturned(node: number): void {
    this.#forget(node);
    this.loans.endUnsure(node, true);
  }

  /** GETJOB NOHANG found nothing in these queues: a client may ask again soon. */
  polled(queues: readonly Queue[], count: number): void {
    if (!this.#world.broker.queues.notesChanges) return;
    for (const queue of queues) this.#demand.polled(queue, count);
  }

  /** A loan has ended without the borrower, or is to end: it is told now if an answer is awaited, or with all else. */
  loanRecalled(job: Job, borrower: number): void {
    const { roles } = this.#world.broker;
    if (roles.isCopy(job) || roles.isPostponed(job)) this.loans.askBack(job, borrower);
    else this.#mail.recall(borrower, job);
  }

  /** Ids of the nodes from which jobs of the queue came within the last seconds (QSTAT). */
  importsFrom(queue: Queue): string[] {
    const trade = this.#trades.at(queue);
    const sources = trade === undefined ? [] : this.#demand.sources(trade);
    return sources.map((node) => this.#world.nodes.id(node));
  }

  /** Jobs of the queue that come from other nodes per second (QSTAT, QSCAN). */
  importRate(queue: Queue): number {
    return this.#trades.at(queue)?.imports?.perSecond(this.#world.host.nowMs) ?? 0;
  }

  received(node: number, message: LendingMessage): void {
    switch (message.type) {
      case "push": {
        if (message.number !== undefined) this.#mail.heard(node, message.number);
        const isHeldRight = this.late.pushed(node, message.jobs);
        this.#check(node, message, isHeldRight ?? this.borrowing.pushed(node, message.jobs));
        break;
      }
      case "resent":
        this.late.resent(node);
        break;
      case "recall":
        this.#check(node, message, this.borrowing.recalled(node, message, this.late));
        break;
      case "handed":
        this.#answered(node, message, this.loans.handed(node, message));
        break;
      case "returned":
        this.#answered(node, message, this.loans.returned(node, message, this.#refused));
        break;
      case "want":
        for (const { queue, credits } of message.queues) this.#wanted(node, queue, credits);
        break;
      case "have":
        for (const { queue, jobs } of message.queues) this.#has(node, queue, jobs);
        break;
      case "grant":
        for (const grant of message.grants) this.#granted(node, grant);
        break;
    }
  }

  /** Whoever wants jobs may be an owner's business, and this node may have some itself. */
  #wanted(node: number, queue: Buffer, credits: number): void {
    const trade = this.#trades.told(queue);
    if (trade === undefined) return;
    this.#market.wanted(trade, node, credits);
    this.#supply.granted(trade, node, node, credits);
  }

  #has(node: number, queue: Buffer, jobs: number): void {
    const trade = this.#trades.told(queue);
    if (trade !== undefined) this.#market.has(trade, node, jobs);
  }

  #granted(via: number, grant: MessageOf<"grant">["grants"][number]): void {
    const node = this.#world.nodes.findId(grant.nodeId);
    const trade = this.#trades.told(grant.queue);
    if (node === NO_INDEX || trade === undefined) return;
    this.#supply.granted(trade, node, via, grant.credits);
  }

  /** The job goes back to its queue: that node wants nothing, until it says otherwise. */
  readonly #refused = (node: number, job: Job): void => {
    const trade = this.#trades.of(this.#world.broker.lifecycle.queueOf(job));
    this.#supply.refused(trade, node);
    this.#market.refused(trade, node);
  };

  /** So many pushed jobs were answered. */
  #answered(node: number, message: LendingMessage, count: number): void {
    this.#check(node, message, count >= 0);
    this.#flow.answered(node, Math.max(0, count));
  }

  #check(node: number, { type }: LendingMessage, isRight: boolean): void {
    if (isRight) return;
    const from = this.#world.nodes.id(node);
    this.#world.log("warning", "a message about jobs could not be read", { type, from });
  }

  #review(trade: Trade): void {
    trade.retrySayAtMs = Number.POSITIVE_INFINITY;
    this.#demand.review(trade);
    this.#supply.review(trade);
    this.#market.review(trade);
    const atMs = Math.min(
      this.#demand.nextMoment(trade),
      this.#supply.nextMoment(trade),
      this.#market.nextMoment(trade),
      trade.retrySayAtMs,
    );
    // Somebody may wait for whom nothing is asked, for lack of memory.
    if (trade.isIdle && atMs === Number.POSITIVE_INFINITY) this.#trades.forget(trade);
    else this.#trades.wakeAt(trade, Math.max(atMs, this.#world.host.nowMs + 1));
  }

  #endUnsure(node: number): void {
    this.late.forget(node);
    this.#flow.forget(node);
    this.loans.endUnsure(node);
  }

  #forget(node: number): void {
    this.late.forget(node);
    this.#flow.forget(node);
    this.#partners.forget(node);
  }
}
