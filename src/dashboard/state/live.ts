/**
 * The live stream: one snapshot a second from the node, kept for all pages.
 *
 * A stream that ends, fails or falls silent is opened again, sooner at first and later each time. What was
 * seen last stays on the screen, with a word that it is old.
 */
import type { SnapshotShape } from "../shapes/api-shapes.ts";
import { EventLines } from "../shapes/event-lines.ts";
import { ApiFailure, loginReason, request } from "./api.ts";
import { clusterPoint, History, nodePoint } from "./history.ts";
import { Store } from "./store.ts";

/** Waits between attempts, ms; the last one again and again. */
const WAITS_MS = [500, 1000, 2000, 4000, 8000];
/** The server tells something every second. */
const SILENCE_MS = 6000;

/** How the stream is doing. */
export interface LiveState {
  readonly status: "connecting" | "live" | "lost";
  /** Why there is no stream. */
  readonly problem: string | undefined;
  readonly snapshot: SnapshotShape | undefined;
}

/** The newest snapshot. */
export const live = new Store<LiveState>({
  status: "connecting",
  problem: undefined,
  snapshot: undefined,
});

/** The past of this node, and of all nodes together. */
export const histories = { node: new History(), cluster: new History() };

/** How many jobs a node had when it was first seen to leave, by its id. */
export const drainStarts = new Map<string, number>();

/** Follows the stream for as long as the page is open. */
export async function followLive(): Promise<never> {
  let failures = 0;
  for (;;) {
    try {
      await readStream(() => {
        failures = 0;
      });
      lose("The stream has ended.");
    } catch (error) {
      if (error instanceof ApiFailure && error.status === 401) {
        live.set({ ...live.value, status: "connecting", problem: undefined });
        await loggedIn();
        continue;
      }
      lose(error instanceof Error ? error.message : String(error));
    }
    await wait(WAITS_MS[Math.min(failures, WAITS_MS.length - 1)] as number);
    failures++;
  }
}

async function readStream(noteSuccess: () => void): Promise<void> {
  const ending = new AbortController();
  let silence = setTimeout(() => ending.abort(), SILENCE_MS);
  try {
    const response = await request("/api/live", { signal: ending.signal });
    const reader = response.body?.getReader();
    const lines = new EventLines();
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) return;
      clearTimeout(silence);
      silence = setTimeout(() => ending.abort(), SILENCE_MS);
      for (const { name, data } of lines.push(value)) {
        if (name !== "snapshot") continue;
        noteSuccess();
        take(JSON.parse(data) as SnapshotShape);
      }
    }
  } catch (error) {
    if (ending.signal.aborted) throw new Error("The node says nothing any more.");
    throw error instanceof ApiFailure ? error : new Error("The connection to the node is lost.");
  } finally {
    clearTimeout(silence);
  }
}

function take(snapshot: SnapshotShape): void {
  const known = live.value.snapshot;
  const isSameLife = known?.info.Server?.run_id === snapshot.info.Server?.run_id;
  const before = isSameLife ? known : undefined;
  const seconds = Date.parse(snapshot.now) / 1000;
  histories.node.add(seconds, nodePoint(snapshot, before));
  histories.cluster.add(seconds, clusterPoint(snapshot, before));
  noteDrains(snapshot);
  live.set({ status: "live", problem: undefined, snapshot });
}

function noteDrains({ cluster }: SnapshotShape): void {
  for (const { nodeId, flags, figures } of cluster?.nodes ?? []) {
    if (!flags.includes("leaving")) drainStarts.delete(nodeId);
    else if (figures !== null) {
      const most = Math.max(drainStarts.get(nodeId) ?? 0, figures.registered_jobs ?? 0);
      drainStarts.set(nodeId, most);
    }
  }
}

function lose(problem: string): void {
  live.set({ ...live.value, status: "lost", problem });
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function loggedIn(): Promise<void> {
  return new Promise((resolve) => {
    const end = loginReason.watch(() => {
      if (loginReason.value !== undefined) return;
      end();
      resolve();
    });
    if (loginReason.value === undefined) resolve();
  });
}
