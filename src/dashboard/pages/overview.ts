/**
 * Overview: how this node, or the cluster, is doing now and has been doing for some minutes.
 *
 * Figures come with the stream, charts from what was seen of it; nothing is asked for here.
 */
import { bytes, count, duration, percent, queueName, rate, short } from "../format.ts";
import { html } from "../html.ts";
import { BYTE_STEPS, Chart, type Line, TIME_STEPS } from "../parts/chart.ts";
import { NodeList } from "../parts/node-list.ts";
import { type Tile, Tiles } from "../parts/tiles.ts";
import type { Figures, QueueShape, SnapshotShape } from "../shapes/api-shapes.ts";
import type { Columns, Point } from "../state/history.ts";
import { histories, live } from "../state/live.ts";
import { type Scope, scope } from "../state/scope.ts";
import { useStore } from "../state/store.ts";

const LONGEST_SHOWN = 8;

interface ChartEntry {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly format: (value: number | null) => string;
  readonly steps?: readonly number[];
}

/** The charts, in the order in which one asks. */
const CHARTS: readonly ChartEntry[] = [
  {
    title: "Jobs per second",
    format: rate,
    lines: [
      { series: "added", label: "Added", colour: "--blue" },
      { series: "delivered", label: "Delivered", colour: "--amber" },
      { series: "acknowledged", label: "Acknowledged", colour: "--teal" },
    ],
  },
  {
    title: "Depth",
    format: short,
    lines: [
      { series: "queued", label: "Queued", colour: "--blue", isFilled: true },
      { series: "active", label: "Delayed or in flight", colour: "--amber" },
    ],
  },
  {
    title: "Oldest job",
    format: duration,
    steps: TIME_STEPS,
    lines: [{ series: "oldest", label: "Waits for", colour: "--rose", isFilled: true }],
  },
  {
    title: "Latency",
    format: duration,
    steps: TIME_STEPS,
    lines: [
      { series: "deliveryHalf", label: "Delivery, half", colour: "--blue" },
      { series: "deliveryMost", label: "Delivery, 99 %", colour: "--violet" },
      { series: "ackMost", label: "Acknowledged, 99 %", colour: "--teal" },
    ],
  },
  {
    title: "Memory of jobs",
    format: bytes,
    steps: BYTE_STEPS,
    lines: [{ series: "memory", label: "Used", colour: "--violet", isFilled: true }],
  },
  {
    title: "Event loop and disk",
    format: duration,
    steps: TIME_STEPS,
    lines: [
      { series: "loopLag", label: "Loop lag, 99 %", colour: "--amber" },
      { series: "fsync", label: "fsync, 99 %", colour: "--blue" },
    ],
  },
];

/** The page. */
export function OverviewPage() {
  const { snapshot } = useStore(live);
  const chosen = useStore(scope);
  const history = histories[chosen];
  if (snapshot === undefined) {
    return html`<h1>Overview</h1><p class="hint" role="status">Waiting for the first figures …</p>`;
  }
  return html`
    <h1>Overview</h1>
    <${Tiles} tiles=${tilesOf(snapshot, history.last, chosen)} />
    <${FirstSteps} snapshot=${snapshot} />
    <section class="stack" aria-labelledby="charts">
      <h2 id="charts">Last minutes</h2>
      <div class="charts">
        ${CHARTS.map((entry) => html`<${Chart} key=${entry.title} ...${entry} columns=${history.columns} />`)}
      </div>
      <${HistoryHint} columns=${history.columns} />
    </section>
    <div class="halves">
      <${LongestQueues} queues=${snapshot.longestQueues} isPartial=${snapshot.isPartial} />
      <${NodeList} cluster=${snapshot.cluster} />
    </div>
  `;
}

function tilesOf(snapshot: SnapshotShape, point: Point, chosen: Scope): Tile[] {
  const own = snapshot.info.Memory as Figures;
  const totals = snapshot.cluster?.totals;
  const isCluster = chosen === "cluster" && totals !== undefined;
  const memoryMax = isCluster ? totals.maxmemory : own.maxmemory;
  const fraction =
    memoryMax === undefined || memoryMax === 0 ? null : (point.memory ?? 0) / memoryMax;
  const clients = snapshot.info.Clients as Figures;
  const jobs = (isCluster ? totals : snapshot.info.Jobs) as Figures;
  const copies = isCluster
    ? totals.jobs_underreplicated
    : snapshot.info.Cluster?.cluster_jobs_underreplicated;
  const missing = Number(copies ?? 0);
  return [
    { label: "Queued", value: short(point.queued), note: `${short(point.active)} not in queues` },
    { label: "Added", value: rate(point.added), note: `${short(jobs.total_jobs_added)} in all` },
    {
      label: "Delivered",
      value: rate(point.delivered),
      note: `${short(jobs.total_jobs_redelivered)} again`,
    },
    {
      label: "Acknowledged",
      value: rate(point.acknowledged),
      note: `${short(jobs.total_jobs_nacked)} nacked`,
    },
    { label: "Oldest job", value: duration(snapshot.oldestJobAgeSeconds), note: "on this node" },
    {
      label: "Memory",
      value: bytes(point.memory),
      note: fraction === null ? "no limit" : `${percent(fraction)} of ${bytes(memoryMax)}`,
      ...(fraction === null ? {} : { fraction }),
    },
    {
      label: "Clients",
      value: count(clients.connected_clients),
      note: `${count(clients.blocked_clients)} wait for jobs`,
    },
    {
      label: "Lacking copies",
      value: count(missing),
      note: missing === 0 ? "all jobs are safe" : "jobs have too few copies",
      ...(missing === 0 ? {} : { isBad: true }),
    },
  ];
}

/** Nothing has ever been added: say how. */
function FirstSteps({ snapshot }: { snapshot: SnapshotShape }) {
  const { registered_jobs: jobs, total_jobs_added: added } = snapshot.info.Jobs as Figures;
  if ((jobs ?? 0) > 0 || (added ?? 0) > 0) return null;
  const port = snapshot.info.Server?.tcp_port;
  return html`
    <section class="empty">
      <h2>No job has been added yet</h2>
      <p>Add one, and take it out again:</p>
      <pre>ringq -p ${port} ADDJOB mail "hello" 5000${"\n"}ringq -p ${port} GETJOB NOHANG FROM mail</pre>
      <p>Any client of the Redis protocol will do.</p>
    </section>
  `;
}

function HistoryHint({ columns }: { columns: Columns }) {
  if (columns.times.length > 60) return null;
  return html`<p class="hint">The charts begin when this page is opened; Prometheus keeps more (<a href="/metrics">/metrics</a>).</p>`;
}

function LongestQueues({
  queues,
  isPartial,
}: {
  queues: readonly QueueShape[];
  isPartial: boolean;
}) {
  const longest = queues[0]?.length ?? 1;
  return html`
    <section class="card" aria-labelledby="longest">
      <header class="line">
        <h2 id="longest">Longest queues on this node</h2>
        <a href="#/queues">All queues</a>
      </header>
      ${
        queues.length === 0
          ? html`<p class="hint">No job waits in any queue.</p>`
          : html`
            <table class="plain" aria-labelledby="longest">
              <thead>
                <tr><th scope="col">Queue</th><th scope="col" class="n">Jobs</th><th scope="col" class="n">Oldest</th></tr>
              </thead>
              <tbody>
                ${queues.slice(0, LONGEST_SHOWN).map(
                  (queue) => html`
                    <tr key=${queue.nameUrl}>
                      <th scope="row" class="named"><a class="name" href=${`#/queues/${queue.nameUrl}`}>${queueName(queue.name)}</a></th>
                      <td class="n barred">
                        <i class="bar" style=${{ width: `${(queue.length / longest) * 100}%` }} aria-hidden="true"></i>
                        <span class="figure">${count(queue.length)}</span>
                      </td>
                      <td class="n">${duration(queue.oldestAgeSeconds)}</td>
                    </tr>
                  `,
                )}
              </tbody>
            </table>
          `
      }
      ${isPartial && html`<p class="hint">There are more queues than were looked at.</p>`}
    </section>
  `;
}
