/**
 * A GETJOB that found nothing and waits.
 *
 * The client's later requests stay in its buffer until this one is answered: with jobs, with nothing
 * when the time is up, or with LEAVING when the node is taken out of service.
 */
import type { Job } from "../../core/job.ts";
import type { WaitEnd, WaiterReceiver } from "../../core/waiting-room.ts";
import { errors } from "../errors.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";
import { writeJobs } from "./job-reply.ts";

/** Answers one blocked client. */
export class BlockedGetjob implements WaiterReceiver {
  readonly #server: ServerState;
  readonly #session: Session;
  readonly #withCounters: boolean;

  constructor(server: ServerState, session: Session, withCounters: boolean) {
    this.#server = server;
    this.#session = session;
    this.#withCounters = withCounters;
  }

  jobsArrived(jobs: readonly Job[]): void {
    writeJobs(this.#server, this.#session, jobs, this.#withCounters);
    this.#answered();
  }

  /** Where a node leaves, the client shall ask another one. */
  waitEnded(why: WaitEnd): void {
    const { reply } = this.#session;
    const before = reply.length;
    if (why === "leaving") reply.error(errors.leaving);
    else reply.nullArray();
    this.#session.harmlessBytes += reply.length - before;
    this.#answered();
  }

  #answered(): void {
    this.#session.waiter = undefined;
    this.#session.carrier.replyReady();
    this.#session.carrier.resume();
  }
}
