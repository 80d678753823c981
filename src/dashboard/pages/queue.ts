/**
 * One queue: its figures here and on every node, and the jobs in it.
 *
 * Its name may be any bytes, so it is passed on as it is written in a path.
 */
import { useState } from "preact/hooks";
import { count, duration, queueName, rate, shortId } from "../format.ts";
import { html } from "../html.ts";
import { AddJob } from "../parts/add-job.ts";
import { PauseButton, PauseTag } from "../parts/pause.ts";
import { Peek } from "../parts/peek.ts";
import { type Tile, Tiles } from "../parts/tiles.ts";
import type { AnswerShape, QueueShape } from "../shapes/api-shapes.ts";
import { usePolled } from "../state/poll.ts";
import { useRates } from "../state/queue-rates.ts";
import { scope } from "../state/scope.ts";
import { useStore } from "../state/store.ts";

interface QueueAnswer {
  readonly queue: QueueShape | null;
  readonly nodes: readonly (AnswerShape & { readonly queue: QueueShape | null })[];
  readonly missing: readonly string[];
}

/** The page. `name`: as a segment of a path. */
export function QueuePage({ name }: { name: string }) {
  const [isAdding, setAdding] = useState(false);
  const chosen = useStore(scope);
  const here = usePolled<QueueShape>(`/api/queues/${name}`);
  const everywhere = usePolled<QueueAnswer>(`/api/queues/${name}?scope=cluster`);
  const shown =
    (chosen === "cluster" ? everywhere.value?.queue : here.value) ?? everywhere.value?.queue;
  const rates = useRates(shown ?? undefined);
  const refresh = (): void => {
    here.refresh();
    everywhere.refresh();
  };
  if (shown === undefined || shown === null) {
    return html`<${NoQueue} name=${name} isGone=${everywhere.isGone || everywhere.value !== undefined} problem=${everywhere.problem} />`;
  }
  return html`
    <nav class="trail" aria-label="Trail"><a href="#/queues">Queues</a></nav>
    <header class="line">
      <h1>${queueName(shown.name)} <${PauseTag} pause=${shown.pause} /></h1>
      <span class="buttons">
        <button type="button" onClick=${() => setAdding(true)}>Add job</button>
        <${PauseButton} queue=${shown} onChange=${refresh} />
      </span>
    </header>
    <${NameBytes} name=${shown.name} nameUrl=${shown.nameUrl} />
    <${Tiles} tiles=${tilesOf(shown, rates)} />
    <${Peek} queueUrl=${name} />
    <${OnNodes} answer=${everywhere.value} />
    ${isAdding && html`<${AddJob} queueUrl=${name} onClose=${() => setAdding(false)} onAdded=${refresh} />`}
  `;
}

function tilesOf(queue: QueueShape, rates: { in: number | null; out: number | null }): Tile[] {
  const held = queue.heldJobs ?? 0;
  return [
    {
      label: "Jobs",
      value: count(queue.length),
      note: held > 0 ? `${count(held)} held back` : "wait here",
    },
    { label: "Oldest", value: duration(queue.oldestAgeSeconds), note: "has waited" },
    { label: "In", value: rate(rates.in), note: `${count(queue.jobsIn)} in all` },
    { label: "Out", value: rate(rates.out), note: `${count(queue.jobsOut)} in all` },
    { label: "Waiters", value: count(queue.blockedClients), note: "wait for a job" },
    { label: "Known jobs", value: count(queue.knownJobs), note: "in any state" },
    {
      label: "Idle",
      value: duration(Math.floor(queue.idleSeconds)),
      note: "since its last use",
    },
    { label: "Age", value: duration(Math.floor(queue.ageSeconds)), note: "since it was made" },
  ];
}

/** A name that is no text, or cannot be told by looking at it. */
function NameBytes({ name, nameUrl }: { name: string; nameUrl: string }) {
  if (!/[\p{C}\uFFFD]/u.test(name)) return null;
  return html`<p class="hint">The name has bytes that cannot be shown: <code>${nameUrl}</code></p>`;
}

function OnNodes({ answer }: { answer: QueueAnswer | undefined }) {
  const nodes = answer?.nodes ?? [];
  if (nodes.length < 2) return null;
  return html`
    <section class="card" aria-labelledby="on-nodes">
      <h2 id="on-nodes">On each node</h2>
      <div class="scroll">
        <table class="plain" aria-labelledby="on-nodes">
          <thead>
            <tr>
              <th scope="col">Node</th><th scope="col" class="n">Jobs</th><th scope="col" class="n">Oldest</th>
              <th scope="col" class="n">Waiters</th><th scope="col">State</th><th scope="col" class="n">As of</th>
            </tr>
          </thead>
          <tbody>
            ${nodes.map(
              (node) => html`
                <tr key=${node.nodeId}>
                  <th scope="row"><code title=${node.nodeId}>${shortId(node.nodeId)}</code></th>
                  <td class="n">${count(node.queue?.length)}</td>
                  <td class="n">${duration(node.queue?.oldestAgeSeconds)}</td>
                  <td class="n">${count(node.queue?.blockedClients)}</td>
                  <td>
                    ${
                      node.queue !== null
                        ? html`<${PauseTag} pause=${node.queue.pause} />`
                        : html`<span class="hint">${node.answer === "answered" ? "has no such queue" : node.answer}</span>`
                    }
                  </td>
                  <td class="n">${node.answerAgeSeconds === null ? "–" : `${duration(node.answerAgeSeconds)} ago`}</td>
                </tr>
              `,
            )}
          </tbody>
        </table>
      </div>
    </section>
  `;
}

interface NoQueueProps {
  readonly name: string;
  readonly isGone: boolean;
  readonly problem: string | undefined;
}

function NoQueue({ name, isGone, problem }: NoQueueProps) {
  const [isAdding, setAdding] = useState(false);
  if (!isGone) {
    return html`<h1>Queue</h1><p class="hint" role="status">${problem ?? "Looking for the queue …"}</p>`;
  }
  return html`
    <section class="empty">
      <h1>There is no such queue</h1>
      <p>Empty queues that nobody uses go away by themselves. The first job makes it again.</p>
      <p><button type="button" onClick=${() => setAdding(true)}>Add job</button> <a href="#/queues">All queues</a></p>
    </section>
    ${isAdding && html`<${AddJob} queueUrl=${name} onClose=${() => setAdding(false)} onAdded=${() => {}} />`}
  `;
}
