/**
 * Other nodes that make copies when a test says so.
 *
 * Takes the place of what a server's cluster does for ADDJOB, and of nothing else: jobs with REPLICATE 1
 * are there at once, others when the test settles them, in any order.
 */
import assert from "node:assert/strict";
import type {
  AddFailure,
  AddReceiver,
  AddWait,
} from "../../src/cluster/jobs/copies/add-receiver.ts";
import type { ServerState } from "../../src/commands/server-state.ts";
import type { Job } from "../../src/core/job.ts";
import { JOB_ID_WORDS } from "../../src/core/job-id.ts";
import type { NewJob } from "../../src/core/job-maker.ts";
import type { Queue } from "../../src/core/queue.ts";
import { NOBODY } from "../../src/core/watcher.ts";

/** A job that waits for copies. */
interface OpenJob {
  readonly job: Job;
  readonly receiver: AddReceiver;
  readonly deadlineMs: number;
}

/** The copies of one server's jobs. */
export class FakeCopies {
  defaultReplicate = 1;
  /** What is said of every request that needs other nodes. */
  lack: "no replicas" | "no replicas, leaving" | undefined;
  /** Those who wait, in the order of their requests. */
  readonly open: OpenJob[] = [];
  /** Replications that were given up. */
  cancelled = 0;
  /** Jobs that wait for nobody. */
  asynchronous = 0;
  readonly #server: ServerState;
  #replications = 0;

  constructor(server: ServerState) {
    this.#server = server;
    server.broker.watcher = NOBODY;
    Object.defineProperties(server.cluster.jobs, {
      defaultReplicate: { get: () => this.defaultReplicate },
      addError: { value: () => this.lack },
      addJob: { value: this.#add.bind(this) },
      cancelAdd: { value: this.#cancel.bind(this) },
    });
  }

  /** The copies of the job in that place exist. Returns its id. */
  replicate(place = 0): string {
    const { broker } = this.#server;
    const { job, receiver } = this.#take(place);
    const id = Int32Array.from({ length: JOB_ID_WORDS }, (_, word) =>
      broker.jobs.idWord(job, word),
    );
    broker.roles.replicated(job);
    const text = Buffer.alloc(40);
    broker.jobs.copyId(job, text, 0);
    receiver.replicated(id);
    id.fill(0);
    return text.toString("latin1");
  }

  /** The copies of the job in that place cannot be had. */
  fail(place: number, why: AddFailure): void {
    this.#end(place).failed(why);
  }

  #add(
    queue: Queue,
    source: Buffer,
    start: number,
    end: number,
    asked: NewJob,
    wait: AddWait,
  ): Job {
    const { broker } = this.#server;
    const { isAsync, deadlineMs, receiver } = wait;
    if (asked.replicate === 1 || isAsync) {
      this.asynchronous += asked.replicate > 1 ? 1 : 0;
      return broker.addJob(queue, source, start, end, asked);
    }
    assert.ok(receiver !== undefined, "somebody waits");
    assert.equal(receiver.replication, -1, "the receiver is free");
    receiver.replication = this.#replications++;
    const number = receiver.replication;
    const job = broker.addReplicating(queue, source, start, end, asked, number);
    this.open.push({ job, receiver, deadlineMs });
    return job;
  }

  #cancel(receiver: AddReceiver): void {
    const place = this.open.findIndex((open) => open.receiver === receiver);
    assert.ok(place >= 0, "only what is open can be given up");
    this.#end(place);
    this.cancelled++;
  }

  #end(place: number): AddReceiver {
    const { job, receiver } = this.#take(place);
    this.#server.broker.lifecycle.remove(job);
    return receiver;
  }

  #take(place: number): OpenJob {
    const [open] = this.open.splice(place, 1);
    assert.ok(open !== undefined, "a job waits in that place");
    open.receiver.replication = -1;
    return open;
  }
}
