/**
 * What the charts show: the last minutes of snapshots, as columns of numbers.
 *
 * The node keeps no history, so it begins when the dashboard is opened. Rates are differences of counters
 * over the time between two snapshots; a node that was started anew begins with a gap.
 */
import type { Figures, SnapshotShape } from "../shapes/api-shapes.ts";
import { bucketsBetween, quantile } from "../shapes/quantile.ts";

/** Points that are kept: ten minutes. */
export const POINTS_MAX = 600;
/** Longer between two points is a gap, seconds. */
const GAP_SECONDS = 5;

/** What is drawn, per node or for the whole cluster. */
export const SERIES = [
  "added",
  "delivered",
  "acknowledged",
  "queued",
  "active",
  "oldest",
  "memory",
  "deliveryHalf",
  "deliveryMost",
  "ackMost",
  "loopLag",
  "fsync",
  "commands",
] as const;

/** The name of a column. */
export type SeriesName = (typeof SERIES)[number];
/** One row: a value for each series, null where there is none. */
export type Point = Readonly<Record<SeriesName, number | null>>;

/** Seconds since 1970, and for each of them a value of every series. */
export interface Columns {
  readonly times: readonly number[];
  readonly series: Readonly<Record<SeriesName, readonly (number | null)[]>>;
}

/** Points of one view. */
export class History {
  readonly #times: number[] = [];
  readonly #series = Object.fromEntries(SERIES.map((name) => [name, []])) as unknown as Record<
    SeriesName,
    (number | null)[]
  >;

  get columns(): Columns {
    return { times: this.#times, series: this.#series };
  }

  /** The newest point. */
  get last(): Point {
    const rows = SERIES.map((name) => [name, this.#series[name].at(-1) ?? null]);
    return Object.fromEntries(rows) as Point;
  }

  add(atSeconds: number, point: Point): void {
    const last = this.#times.at(-1);
    if (last !== undefined && atSeconds <= last) return;
    if (last !== undefined && atSeconds - last > GAP_SECONDS) this.#push(last + 1, undefined);
    this.#push(atSeconds, point);
  }

  #push(atSeconds: number, point: Point | undefined): void {
    this.#times.push(atSeconds);
    if (this.#times.length > POINTS_MAX) this.#times.shift();
    for (const name of SERIES) {
      const column = this.#series[name];
      column.push(point?.[name] ?? null);
      if (column.length > POINTS_MAX) column.shift();
    }
  }
}

/** The point of this node alone. `before`: the snapshot before it, if there was one. */
export function nodePoint(now: SnapshotShape, before: SnapshotShape | undefined): Point {
  const jobs = now.info.Jobs as Figures;
  const old = before?.info.Jobs as Figures | undefined;
  const seconds = secondsBetween(now, before);
  const times = {
    delivery: bucketsBetween(before?.times.firstDelivery, now.times.firstDelivery),
    ack: bucketsBetween(before?.times.acknowledgement, now.times.acknowledgement),
    lag: bucketsBetween(before?.times.loopLag, now.times.loopLag),
    fsync: bucketsBetween(before?.times.fsync, now.times.fsync),
  };
  const isFirst = before === undefined;
  const most = (name: keyof typeof times, part: number): number | null =>
    isFirst ? null : quantile(times[name], part);
  const stats = [now.info.Stats, before?.info.Stats] as (Figures | undefined)[];
  return {
    ...flows(jobs, old, seconds),
    queued: jobs.jobs_queued ?? null,
    active: jobs.jobs_active ?? null,
    oldest: now.oldestJobAgeSeconds ?? 0,
    memory: (now.info.Memory as Figures).used_memory ?? null,
    deliveryHalf: most("delivery", 0.5),
    deliveryMost: most("delivery", 0.99),
    ackMost: most("ack", 0.99),
    loopLag: most("lag", 0.99),
    fsync: most("fsync", 0.99),
    commands: perSecond(stats[0], stats[1], "total_commands_processed", seconds),
  };
}

/** The point of all nodes together, as far as they tell; times are known of this node only. */
export function clusterPoint(now: SnapshotShape, before: SnapshotShape | undefined): Point {
  const own = nodePoint(now, before);
  const totals = now.cluster?.totals;
  if (totals === undefined) return own;
  // A node that did not answer takes its counters away with it.
  const isSame = now.cluster?.missing.join() === before?.cluster?.missing.join();
  const old = isSame ? before?.cluster?.totals : undefined;
  return {
    ...own,
    ...flows(totals, old, secondsBetween(now, before)),
    queued: totals.jobs_queued ?? null,
    active: totals.jobs_active ?? null,
    memory: totals.used_memory ?? null,
  };
}

function flows(
  now: Figures,
  before: Figures | undefined,
  seconds: number,
): Pick<Point, "added" | "delivered" | "acknowledged"> {
  return {
    added: perSecond(now, before, "total_jobs_added", seconds),
    delivered: perSecond(now, before, "total_jobs_delivered", seconds),
    acknowledged: perSecond(now, before, "total_jobs_acknowledged", seconds),
  };
}

function perSecond(
  now: Figures | undefined,
  before: Figures | undefined,
  name: string,
  seconds: number,
): number | null {
  const [value, old] = [now?.[name], before?.[name]];
  if (value === undefined || old === undefined || value < old || seconds <= 0) return null;
  return (value - old) / seconds;
}

function secondsBetween(now: SnapshotShape, before: SnapshotShape | undefined): number {
  return before === undefined ? 0 : (Date.parse(now.now) - Date.parse(before.now)) / 1000;
}
