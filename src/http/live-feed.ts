/**
 * /api/live: a snapshot of the node a second, the same one for everybody who watches.
 *
 * As server-sent events, which browsers reconnect by themselves. Nothing happens while nobody watches.
 * A snapshot is made once and written once for all; a viewer who is behind misses some, since only the
 * newest one is worth anything. Its parts are made in turns of their own, and one viewer a turn gets it: what the
 * system takes for ten sends would be a turn of milliseconds.
 */

import { LOG_BUCKETS, type LogHistogram } from "../util/log-histogram.ts";
import { ApiError } from "./api-error.ts";
import type { HttpNode } from "./http-node.ts";
import type { LoopLag } from "./loop-lag.ts";
import { queueJson, queueSchema } from "./queue-json.ts";
import { unreadyReasons } from "./readiness.ts";
import { clusterJson, clusterSchema, infoJson } from "./routes-node.ts";
import {
  anyFields,
  boolean,
  count,
  list,
  number,
  object,
  orNull,
  type Schema,
  string,
} from "./schema.ts";

/** Units of histograms, seconds. */
const MS = 1e-3;
const MICROS = 1e-6;
/** How often there is news, ms. */
const SNAPSHOT_MS = 1000;
/** Open browser windows and programs. */
const VIEWERS_MAX = 32;
/** Pieces that may wait for a viewer. */
const PENDING_MAX = 2;
/** Other nodes have so long to be in this snapshot; else it has what they said for an earlier one. */
const CLUSTER_MS = 150;

/** Counts since the start; whoever watches sees from two of them what happened in between. */
const bucketsSchema = object({
  unitSeconds: number(),
  buckets: list(count("Up to 1, 2, 4, 8 ... units.")),
});

/** The shape of a snapshot. */
export const snapshotSchema: Schema = object({
  now: string("ISO 8601."),
  nodeId: string(),
  notReady: list(string()),
  info: anyFields(anyFields({ anyOf: [number(), string()] })),
  times: object({
    firstDelivery: bucketsSchema,
    acknowledgement: bucketsSchema,
    fsync: bucketsSchema,
    loopLag: bucketsSchema,
  }),
  longestQueues: list(queueSchema),
  oldestJobAgeSeconds: orNull(number(), "Of thousands of queues: when they were last looked at."),
  isPartial: boolean("There are more queues than were looked at."),
  cluster: orNull(clusterSchema, "Null while nobody has answered yet."),
  clusterAgeSeconds: orNull(number(), "Since all nodes were asked for that."),
});

/** Everybody who watches one node. */
export class LiveFeed {
  readonly #node: HttpNode;
  readonly #lag: LoopLag;
  readonly #viewers = new Set<ReadableStreamDefaultController<Uint8Array>>();
  #timer: NodeJS.Timeout | undefined;
  #isTaking = false;
  #isClosed = false;
  #cluster: { readonly json: object; readonly askedAtMs: number } | undefined;
  #asking: Promise<void> | undefined;

  constructor(node: HttpNode, lag: LoopLag) {
    this.#node = node;
    this.#lag = lag;
  }

  get viewerCount(): number {
    return this.#viewers.size;
  }

  /** A stream of events that begins at once; throws an ApiError when there are too many. */
  open(): ReadableStream<Uint8Array> {
    if (this.#isClosed) throw new ApiError(503, "CLOSED", "The server is stopping.");
    if (this.#viewers.size >= VIEWERS_MAX) {
      throw new ApiError(503, "BUSY", `There are ${VIEWERS_MAX} viewers already.`);
    }
    let viewer: ReadableStreamDefaultController<Uint8Array> | undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          viewer = controller;
          this.#viewers.add(controller);
          controller.enqueue(Buffer.from("retry: 2000\n\n"));
          this.#begin();
        },
        cancel: () => {
          if (viewer !== undefined) this.#viewers.delete(viewer);
          this.#endIfUnwatched();
        },
      },
      { highWaterMark: PENDING_MAX },
    );
  }

  /** Ends all streams. */
  close(): void {
    this.#isClosed = true;
    for (const viewer of this.#viewers) viewer.close();
    this.#viewers.clear();
    this.#endIfUnwatched();
  }

  #begin(): void {
    this.#timer ??= setInterval(() => this.#tell(), SNAPSHOT_MS);
    this.#tell();
  }

  #endIfUnwatched(): void {
    if (this.#viewers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tell(): void {
    if (this.#isTaking) return;
    this.#isTaking = true;
    this.#take()
      .then((event) => this.#send(event))
      .catch((error: unknown) => {
        const { host } = this.#node.server;
        host.log("warning", "no snapshot for the dashboard", { error: String(error) });
      })
      .finally(() => {
        this.#isTaking = false;
      });
  }

  async #take(): Promise<Buffer> {
    const { server, clients, survey, slices } = this.#node;
    clients.touch();
    await Promise.race([this.#askCluster(), delay(CLUSTER_MS)]);
    const cluster = this.#cluster;
    const { longest, oldestAgeMs, isPartial } = await survey.take();
    await slices.next();
    const longestQueues = longest.map((queue) => queueJson(server, queue));
    await slices.next();
    // A hundred counters of messages are not worth sending every second.
    const { Bus: _, ...info } = infoJson(server);
    const json = JSON.stringify({
      now: new Date(server.host.wallMs).toISOString(),
      nodeId: server.broker.nodeId,
      notReady: unreadyReasons(this.#node),
      info,
      times: this.#times(),
      longestQueues,
      oldestJobAgeSeconds: oldestAgeMs === null ? null : oldestAgeMs / 1000,
      isPartial,
      cluster: cluster?.json ?? null,
      clusterAgeSeconds:
        cluster === undefined ? null : (server.host.nowMs - cluster.askedAtMs) / 1000,
    });
    return Buffer.from(`event: snapshot\ndata: ${json}\n\n`);
  }

  #times(): object {
    const { broker, stats } = this.#node.server;
    return {
      firstDelivery: bucketsJson(broker.stats.firstDeliveryMs, MS),
      acknowledgement: bucketsJson(broker.stats.acknowledgementMs, MS),
      fsync: bucketsJson(stats.fsyncMicros, MICROS),
      loopLag: bucketsJson(this.#lag.micros, MICROS),
    };
  }

  /** A node that stands still keeps its question open for a second, and must not hold up the rest. */
  #askCluster(): Promise<void> {
    const { server } = this.#node;
    const askedAtMs = server.host.nowMs;
    this.#asking ??= clusterJson(server)
      .then((json) => {
        this.#cluster = { json, askedAtMs };
      })
      // Too many questions are open: the next snapshot asks again.
      .catch(() => undefined)
      .finally(() => {
        this.#asking = undefined;
      });
    return this.#asking;
  }

  async #send(event: Buffer): Promise<void> {
    for (const viewer of [...this.#viewers]) {
      await this.#node.slices.next();
      // Who has gone or been ended meanwhile is not among them any more.
      if (this.#viewers.has(viewer) && (viewer.desiredSize ?? 0) > 0) viewer.enqueue(event);
    }
  }
}

function bucketsJson(histogram: LogHistogram, unitSeconds: number): object {
  const buckets = Array.from({ length: LOG_BUCKETS }, (_, bucket) => histogram.at(bucket));
  return { unitSeconds, buckets };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
