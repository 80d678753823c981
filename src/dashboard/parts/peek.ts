/**
 * Jobs of a queue in a table: those that wait, from either end, or those in flight.
 *
 * Looking takes nothing: no job is handed out.
 */
import { useState } from "preact/hooks";
import { bytes, count, duration } from "../format.ts";
import { html } from "../html.ts";
import type { BodyShape, JobShape } from "../shapes/api-shapes.ts";
import { fromBase64, oneLine } from "../shapes/hex-dump.ts";
import { usePolled } from "../state/poll.ts";
import { JobActions } from "./job-actions.ts";

const SHOWN = 25;

interface PeekView {
  readonly label: string;
  readonly path: (queueUrl: string) => string;
  readonly nothing: string;
}

const VIEWS: readonly PeekView[] = [
  {
    label: "Oldest",
    path: (queue) => `/api/queues/${queue}/jobs?count=${SHOWN}`,
    nothing: "No job waits in this queue on this node.",
  },
  {
    label: "Newest",
    path: (queue) => `/api/queues/${queue}/jobs?count=${SHOWN}&end=newest`,
    nothing: "No job waits in this queue on this node.",
  },
  {
    label: "In flight or delayed",
    path: (queue) => `/api/jobs?queue=${queue}&state=active&count=${SHOWN}`,
    nothing: "No job of this queue is with a worker, or delayed, as far as was looked.",
  },
];

/** The jobs. `queueUrl`: as a segment of a path. */
export function Peek({ queueUrl }: { queueUrl: string }) {
  const [chosen, choose] = useState(0);
  const view = VIEWS[chosen] as PeekView;
  const { value, problem, refresh } = usePolled<{ jobs: JobShape[] }>(view.path(queueUrl));
  return html`
    <section class="card" aria-labelledby="jobs">
      <header class="line">
        <h2 id="jobs">Jobs on this node</h2>
        <fieldset class="choice">
          <legend class="unseen">Which jobs</legend>
          ${VIEWS.map(
            ({ label }, at) => html`
              <label key=${label}>
                <input type="radio" name="peek" checked=${at === chosen} onChange=${() => choose(at)} />
                <span>${label}</span>
              </label>
            `,
          )}
        </fieldset>
      </header>
      ${
        value === undefined
          ? html`<p class="hint" role="status">${problem ?? "Looking …"}</p>`
          : value.jobs.length === 0
            ? html`<p class="hint">${view.nothing}</p>`
            : html`<${JobTable} jobs=${value.jobs} onChange=${refresh} />`
      }
    </section>
  `;
}

function JobTable({ jobs, onChange }: { jobs: readonly JobShape[]; onChange: () => void }) {
  return html`
    <div class="scroll">
      <table class="plain" aria-labelledby="jobs">
        <thead>
          <tr>
            <th scope="col">Job</th><th scope="col">Body</th><th scope="col" class="n">Size</th>
            <th scope="col" class="n">Age</th><th scope="col" class="n">Tries</th>
            <th scope="col"><span class="unseen">Actions</span></th>
          </tr>
        </thead>
        <tbody>
          ${jobs.map(
            (job) => html`
              <tr key=${job.id}>
                <th scope="row"><a href=${`#/jobs/${encodeURIComponent(job.id)}`}><code>${job.id.slice(0, 20)}…</code></a></th>
                <td class="body">${preview(job.body)}</td>
                <td class="n">${bytes(job.body.bytes)}</td>
                <td class="n">${duration((Date.now() - Date.parse(job.createdAt)) / 1000)}</td>
                <td class="n">${count(1 + job.nacks + job.additionalDeliveries)}</td>
                <td class="actions"><${JobActions} job=${job} onChange=${onChange} /></td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}

/** The beginning of a body on one line. */
function preview({ text, base64, bytes: size }: BodyShape) {
  if (size === 0) return html`<span class="hint">empty</span>`;
  if (text !== null) return html`<code>${oneLine(text)}</code>`;
  const hex = [...fromBase64(base64 ?? "").subarray(0, 24)].map((byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  return html`<span class="tag">binary</span> <code>${hex.join(" ")}</code>`;
}
