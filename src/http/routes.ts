/**
 * The one table of routes.
 *
 * Those that need something that lives as long as the server (metrics, the live feed) are made here; all
 * others are tables of their own. A new route is one new row.
 */
import { ApiError } from "./api-error.ts";
import type { LiveFeed } from "./live-feed.ts";
import type { Metrics } from "./metrics.ts";
import { openApi } from "./openapi.ts";
import type { QueueText, QueueTexts } from "./queue-metrics.ts";
import type { RawAnswer, Route } from "./route.ts";
import { clientRoutes } from "./routes-clients.ts";
import { jobRoutes } from "./routes-jobs.ts";
import { nodeRoutes } from "./routes-node.ts";
import { queueListRoute } from "./routes-queue-list.ts";
import { queueRoutes } from "./routes-queues.ts";
import { anyFields } from "./schema.ts";
import type { Slices } from "./slices.ts";

const PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

/** What routes are made with. */
export interface RouteParts {
  readonly metrics: Metrics;
  readonly queueTexts: QueueTexts;
  readonly feed: LiveFeed;
  readonly version: string;
}

/** All routes. */
export function makeRoutes({ metrics, queueTexts, feed, version }: RouteParts): readonly Route[] {
  const routes: Route[] = [
    ...nodeRoutes,
    ...metricRoutes(metrics, queueTexts),
    queueListRoute,
    ...queueRoutes,
    ...jobRoutes,
    ...clientRoutes,
    {
      method: "GET",
      path: "/api/live",
      tag: "node",
      shows: ["info"],
      summary: "A snapshot of the node a second, as server-sent events.",
      reply: { contentType: "text/event-stream" },
      run: (): RawAnswer => ({
        contentType: "text/event-stream",
        body: feed.open(),
        headers: { "X-Accel-Buffering": "no" },
      }),
    },
    {
      method: "GET",
      path: "/api/openapi.json",
      tag: "description",
      summary: "This description.",
      reply: anyFields({ anyOf: [] }),
      run: () => description,
    },
  ];
  const description = openApi(routes, version);
  return routes;
}

function metricRoutes(metrics: Metrics, queueTexts: QueueTexts): Route[] {
  return [
    {
      method: "GET",
      path: "/metrics",
      tag: "metrics",
      summary: "Figures of the node for Prometheus; no series per queue.",
      reply: { contentType: "text/plain" },
      run: async (): Promise<RawAnswer> => {
        return { contentType: metrics.contentType, body: await metrics.text() };
      },
    },
    {
      method: "GET",
      path: "/metrics/per-queue",
      tag: "metrics",
      shows: ["qscan", "qstat"],
      summary: "Figures of every queue for Prometheus, of at most metrics-queues-max.",
      reply: { contentType: "text/plain" },
      run: async ({ node }): Promise<RawAnswer> => {
        const text = await queueTexts.take();
        if (text === undefined) {
          throw new ApiError(503, "BUSY", "Others are being told about all queues, try again.");
        }
        // With its length known it is not cut into chunks, each of which would be three writes.
        const bytes = text.pieces.reduce((sum, { length }) => sum + length, 0);
        const headers = { "Content-Length": String(bytes) };
        return { contentType: PROMETHEUS, body: streamOf(text, node.slices), headers };
      },
    },
  ];
}

/**
 * Pieces one by one, as fast as they are taken but one a turn: a connection of this machine takes megabytes at
 * once. Released once, when nobody takes any more.
 */
function streamOf({ pieces, release }: QueueText, slices: Slices): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      await slices.next();
      const piece = pieces[at++];
      if (piece !== undefined) {
        controller.enqueue(piece);
        return;
      }
      controller.close();
      release();
    },
    cancel: release,
  });
}
