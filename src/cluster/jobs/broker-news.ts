/**
 * What the broker tells of its jobs, and which machine that concerns.
 *
 * It is told from inside the broker's moves, so whoever hears of it only takes notes.
 */
import type { Broker } from "../../core/broker.ts";
import type { Job } from "../../core/job.ts";
import type { BrokerWatcher } from "../../core/watcher.ts";
import { NO_NODE } from "../ring.ts";
import type { HeldCopies } from "./copies/held-copies.ts";
import type { NewCopies } from "./copies/new-copies.ts";
import type { Handover } from "./keepers/handover.ts";
import type { Takeovers } from "./keepers/takeovers.ts";
import type { Lending } from "./lending/lending.ts";

/** Who is told. */
export interface ToldMachines {
  readonly newCopies: NewCopies;
  readonly heldCopies: HeldCopies;
  readonly lending: Lending;
  readonly takeovers: Takeovers;
  readonly handover: Handover;
}

/** Passes on what the broker tells. */
export class BrokerNews implements BrokerWatcher {
  readonly #told: ToldMachines;
  readonly #broker: Broker;

  constructor(told: ToldMachines, broker: Broker) {
    this.#told = told;
    this.#broker = broker;
  }

  replicationEnded(job: Job): void {
    this.#told.newCopies.replicationEnded(job);
  }

  requeued(job: Job): void {
    this.#told.takeovers.requeued(job);
  }

  handedOut(job: Job): void {
    this.#told.lending.borrowing.handedOut(job);
  }

  takenBack(job: Job): void {
    this.#told.lending.borrowing.takenBack(job);
  }

  loanRecalled(job: Job, borrower: number): void {
    this.#told.lending.loanRecalled(job, borrower);
    this.#told.handover.recalled(job, borrower);
    // It may have been on its way for longer than it had to live, and counts its life from its arrival.
    if (this.#broker.clock.isExpired(job)) this.#told.heldCopies.sayOver(job, borrower);
  }

  expired(job: Job): void {
    const target = this.#told.handover.headedFor(job);
    // There, too, its life begins with its arrival.
    if (target === NO_NODE || !this.#broker.roles.isOwn(job)) return;
    this.#told.heldCopies.sayOver(job, target);
  }

  borrowedQueued(job: Job): void {
    this.#told.lending.borrowing.queued(job);
  }
}
