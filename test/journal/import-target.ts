/**
 * An empty node that files of the reference are imported into, with a clock that tests move.
 *
 * After every step of an import, and at its end, everything in the broker is recounted.
 */
import assert from "node:assert/strict";
import { Broker } from "../../src/core/broker.ts";
import { checkBroker } from "../../src/core/broker-check.ts";
import type { Job } from "../../src/core/job.ts";
import { JOB_ID_WORDS, parseJobId } from "../../src/core/job-id.ts";
import type { Queue } from "../../src/core/queue.ts";
import { type ImportCounts, ReferenceImport } from "../../src/journal/reference-import.ts";
import { ReferenceSurvey } from "../../src/journal/reference-survey.ts";
import { FakeHost } from "../support/fake-host.ts";
import { BytesSource } from "./byte-sources.ts";

const NODE_ID = "0123456789abcdef0123456789abcdef01234567";
/** Small, so that an import has many steps. */
const STEP_BYTES = 50;

/** Such a node. */
export class ImportTarget {
  readonly host = new FakeHost(1, {});
  readonly broker = new Broker(this.host, { nodeId: NODE_ID, maxMemoryBytes: 0 });

  constructor(wallMs: number) {
    this.host.wallMs = wallMs;
  }

  /** Imports the file made of these pieces. */
  import(
    pieces: Buffer[],
    options: { enqueuesJobs?: boolean; importedBytes?: number } = {},
  ): ImportCounts {
    const source = new BytesSource(Buffer.concat(pieces));
    const survey = new ReferenceSurvey(source, 5);
    while (survey.proceed(STEP_BYTES)) assert.ok(survey.offset <= source.size);
    const { broker, host } = this;
    const { survivors, isSnapshot } = survey;
    const how = { enqueuesJobs: false, importedBytes: 0, isRepeated: false, ...options };
    const parts = { broker, host, source, survivors, isSnapshot, ...how };
    const transfer = new ReferenceImport(parts);
    while (transfer.proceed(STEP_BYTES)) checkBroker(broker);
    checkBroker(broker);
    return transfer.counts;
  }

  /** The handle of a job that is there, or NO_JOB. */
  find(id: string): Job {
    const words = new Int32Array(JOB_ID_WORDS);
    assert.equal(parseJobId(Buffer.from(id), 0, 40, words), "canonical");
    return this.broker.find(words);
  }

  /** As latin1. */
  body(id: string): string {
    const job = this.find(id);
    const body = Buffer.alloc(this.broker.jobs.bodyBytes(job));
    this.broker.jobs.copyBody(job, body, 0);
    return body.toString("latin1");
  }

  /** Lets time go by. */
  pass(ms: number): void {
    this.host.nowMs += ms;
    this.host.wallMs += ms;
    this.broker.tick();
  }

  queueLength(name: string): number {
    return this.#queue(name)?.length ?? 0;
  }

  /** The first job of a queue that has some. */
  firstIn(name: string): Job | undefined {
    return this.#queue(name)?.jobs.first();
  }

  #queue(name: string): Queue | undefined {
    const bytes = Buffer.from(name);
    return this.broker.queues.find(bytes, 0, bytes.length);
  }
}
