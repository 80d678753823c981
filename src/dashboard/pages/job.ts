/**
 * One job: its body, its life, and where its copies are on the ring.
 *
 * All of it as this node knows it; another node may know more of a job that is in its charge.
 */
import { useState } from "preact/hooks";
import { ago, bytes, count, duration, moment, queueName, shortId } from "../format.ts";
import { html } from "../html.ts";
import { BodyView } from "../parts/body-view.ts";
import { JobActions } from "../parts/job-actions.ts";
import { nodeColour, RingPicture } from "../parts/ring-picture.ts";
import type { JobShape } from "../shapes/api-shapes.ts";
import { type Step, stepsOf } from "../shapes/timeline.ts";
import type { Place } from "../state/place.ts";
import { usePolled } from "../state/poll.ts";
import { useRing } from "../state/ring.ts";

/** The page: one job, or a field to find one. */
export function JobPage({ place }: { place: Place }) {
  return place.subject === "" ? html`<${Find} />` : html`<${OneJob} idUrl=${place.subject} />`;
}

/** `idUrl`: as a segment of a path. */
function OneJob({ idUrl }: { idUrl: string }) {
  const { value: job, problem, isGone, refresh } = usePolled<JobShape>(`/api/jobs/${idUrl}`);
  if (job === undefined) {
    return isGone
      ? html`<${Find} reason="No such job is known to this node: it is done, has expired, or never was." />`
      : html`<h1>Job</h1><p class="hint" role="status">${problem ?? "Looking for the job …"}</p>`;
  }
  return html`
    <nav class="trail" aria-label="Trail">
      <a href="#/queues">Queues</a> › <a class="name" href=${`#/queues/${job.queue.nameUrl}`}>${queueName(job.queue.name)}</a>
    </nav>
    <header class="line">
      <h1 class="id"><code>${job.id}</code> <span class="state ${isGone ? "warn" : "calm"}">${isGone ? "gone" : job.state}</span></h1>
      ${!isGone && html`<${JobActions} job=${job} onChange=${refresh} />`}
    </header>
    ${isGone && html`<p class="hint" role="status">This node does not know the job any more; this is what was seen last.</p>`}
    <div class="halves">
      <${Facts} job=${job} />
      <${Timeline} job=${job} />
    </div>
    <${Holders} job=${job} />
    <${BodyView} id=${job.id} body=${job.body} />
  `;
}

function Facts({ job }: { job: JobShape }) {
  const rows: [string, unknown][] = [
    ["State", job.state],
    ["Copies asked for", count(job.replicate)],
    ["Body", bytes(job.body.bytes)],
    ["Delay", duration(job.delaySeconds)],
    [
      "Retry",
      job.retrySeconds === 0 ? "never: delivered at most once" : duration(job.retrySeconds),
    ],
    ["Time to live left", duration(job.ttlLeftSeconds)],
    ["Given back (NACK)", count(job.nacks)],
    ["Additional deliveries", count(job.additionalDeliveries)],
    ["Looked after again in", duration(job.awakeWithinSeconds)],
  ];
  return html`
    <section class="card" aria-labelledby="facts">
      <h2 id="facts">Facts</h2>
      <dl class="facts">
        ${rows.map(([label, value]) => html`<div key=${label}><dt>${label}</dt><dd>${value}</dd></div>`)}
      </dl>
    </section>
  `;
}

function Timeline({ job }: { job: JobShape }) {
  const nowMs = Date.now();
  return html`
    <section class="card" aria-labelledby="life">
      <h2 id="life">Timeline</h2>
      <ol class="timeline">
        ${stepsOf(job, nowMs).map((step) => html`<${TimelineStep} key=${step.label} step=${step} nowMs=${nowMs} />`)}
      </ol>
    </section>
  `;
}

function TimelineStep({ step, nowMs }: { step: Step; nowMs: number }) {
  const { label, atMs, kind, note } = step;
  const seconds = atMs === undefined ? undefined : (nowMs - atMs) / 1000;
  const when =
    seconds === undefined || kind === "now"
      ? ""
      : seconds > 0
        ? ago(seconds)
        : `in ${duration(-seconds)}`;
  return html`
    <li class=${kind} aria-current=${kind === "now" ? "step" : undefined}>
      <strong>${label}</strong> <span>${when}</span>
      ${atMs !== undefined && kind !== "now" && html`<time dateTime=${new Date(atMs).toISOString()}>${moment(new Date(atMs).toISOString()).slice(0, 19)}</time>`}
      ${note !== undefined && html`<p class="hint">${note}</p>`}
    </li>
  `;
}

function Holders({ job }: { job: JobShape }) {
  const { ring } = useRing(job.id);
  const nodes = ring?.nodes ?? [];
  const marked = job.holders
    .map((id) => nodes.findIndex(({ nodeId }) => nodeId === id))
    .filter((at) => at >= 0);
  return html`
    <section class="card" aria-labelledby="holders">
      <h2 id="holders">Holders</h2>
      <div class="ring-and-table">
        ${
          ring !== undefined &&
          html`<${RingPicture} label="Where the job lies on the ring, and which nodes hold it"
            slices=${ring.slices} position=${ring.position} marked=${marked}
            nodes=${nodes.map(({ nodeId }) => ({ nodeId, share: null, tone: "calm", note: noteOf(job, nodeId) }))} />`
        }
        <table class="plain" aria-labelledby="holders">
          <thead><tr><th scope="col">Node</th><th scope="col">Address</th><th scope="col">Copy</th><th scope="col">Acknowledgement</th></tr></thead>
          <tbody>
            ${job.holders.map((id) => {
              const at = nodes.findIndex(({ nodeId }) => nodeId === id);
              return html`
                <tr key=${id}>
                  <th scope="row"><i class="dot" style=${{ background: nodeColour(Math.max(at, 0)) }} aria-hidden="true"></i><code title=${id}>${shortId(id)}</code></th>
                  <td>${nodes[at]?.address ?? "–"}</td>
                  <td>${noteOf(job, id)}</td>
                  <td>${job.confirmed.includes(id) ? "known" : "–"}</td>
                </tr>
              `;
            })}
          </tbody>
        </table>
      </div>
    </section>
  `;
}

function noteOf(job: JobShape, nodeId: string): string {
  const at = job.holders.indexOf(nodeId);
  return at === 0 ? "keeper" : at > 0 ? "copy" : "none";
}

function Find({ reason }: { reason?: string }) {
  const [id, setId] = useState("");
  const go = (event: Event): void => {
    event.preventDefault();
    if (id.trim() !== "") location.hash = `#/jobs/${encodeURIComponent(id.trim())}`;
  };
  return html`
    <section class="empty">
      <h1>${reason === undefined ? "Find a job" : "Job not found"}</h1>
      ${reason !== undefined && html`<p>${reason}</p>`}
      <form class="filters center" onSubmit=${go}>
        <label><span class="unseen">Job id</span>
          <input type="search" size="46" placeholder="Job id, D-…" value=${id} onInput=${(event: InputEvent) => setId((event.target as HTMLInputElement).value)} /></label>
        <button type="submit">Find</button>
      </form>
    </section>
  `;
}
