/**
 * Workers: connections that take jobs, how many each has in hand, and when it was last seen.
 *
 * Nobody says in this protocol whose a job is: what is in hand is what a connection took less what it
 * acknowledged or gave back.
 */
import { useState } from "preact/hooks";
import { count, duration, queueName } from "../format.ts";
import { html } from "../html.ts";
import type { ClientShape } from "../shapes/api-shapes.ts";
import { usePolled } from "../state/poll.ts";

const CLIENTS_MAX = 1000;

/** The page. */
export function WorkersPage() {
  const [isAll, showAll] = useState(false);
  const { value, problem } = usePolled<{ clients: ClientShape[]; next: number | null }>(
    `/api/clients?count=${CLIENTS_MAX}`,
  );
  const clients = value?.clients ?? [];
  const shown = clients
    .filter(({ isWorker }) => isWorker || isAll)
    .sort((a, b) => inHand(b) - inHand(a) || a.id - b.id);
  return html`
    <h1>Workers</h1>
    <div class="filters">
      <fieldset class="choice">
        <legend class="unseen">Which clients</legend>
        <label><input type="radio" name="clients" checked=${!isAll} onChange=${() => showAll(false)} /><span>Workers</span></label>
        <label><input type="radio" name="clients" checked=${isAll} onChange=${() => showAll(true)} /><span>All clients</span></label>
      </fieldset>
    </div>
    ${
      value === undefined
        ? html`<p class="hint" role="status">${problem ?? "Looking …"}</p>`
        : shown.length === 0
          ? html`<${Nobody} isAll=${isAll} />`
          : html`
            <p class="hint">${count(shown.length)} of ${count(clients.length)} clients of this node${value.next !== null && ", of the first ones"}, ${count(shown.reduce((sum, client) => sum + inHand(client), 0))} jobs in hand</p>
            <${ClientTable} clients=${shown} />
          `
    }
  `;
}

function inHand({ jobsTaken, jobsSettled }: ClientShape): number {
  return Math.max(0, jobsTaken - jobsSettled);
}

function ClientTable({ clients }: { clients: readonly ClientShape[] }) {
  return html`
    <div class="card scroll">
      <table class="wide" aria-label="Clients">
        <thead>
          <tr>
            <th scope="col">Client</th><th scope="col">Address</th>
            <th scope="col" class="n" title="Jobs taken less jobs acknowledged or given back on this connection">In hand</th>
            <th scope="col" class="n">Took last</th><th scope="col" class="n">Taken</th>
            <th scope="col" class="n">Last seen</th><th scope="col" class="n">Connected</th>
            <th scope="col">Last command</th><th scope="col">Waits for</th>
          </tr>
        </thead>
        <tbody>${clients.map((client) => html`<${ClientRow} key=${client.id} client=${client} />`)}</tbody>
      </table>
    </div>
  `;
}

function ClientRow({ client }: { client: ClientShape }) {
  const { id, name, library, address, lastCommand, tookSecondsAgo } = client;
  return html`
    <tr>
      <th scope="row"><span class="name">${name === "" ? `client ${id}` : name}</span>${library !== "" && html` <span class="tag">${library}</span>`}</th>
      <td>${address}</td>
      <td class="n"><strong>${count(inHand(client))}</strong></td>
      <td class="n">${tookSecondsAgo === null ? "never" : duration(tookSecondsAgo)}</td>
      <td class="n">${count(client.jobsTaken)}</td>
      <td class="n">${client.isBlocked ? html`<span class="state good">waiting</span>` : duration(Math.floor(client.idleSeconds))}</td>
      <td class="n">${duration(Math.floor(client.ageSeconds))}</td>
      <td><code>${lastCommand ?? "–"}</code></td>
      <td>
        ${client.waitsFor.slice(0, 3).map((queue) => html`<a key=${queue.nameUrl} class="name short" href=${`#/queues/${queue.nameUrl}`}>${queueName(queue.name)}</a> `)}
        ${client.waitsForCount > 3 && html`<span class="hint">and ${count(client.waitsForCount - 3)} more</span>`}
      </td>
    </tr>
  `;
}

function Nobody({ isAll }: { isAll: boolean }) {
  return html`
    <section class="empty">
      <h2>${isAll ? "No client is connected" : "Nobody works here now"}</h2>
      <p>A worker shows up with its first GETJOB. Give it a name with <code>CLIENT SETNAME</code>, so that you know it again.</p>
    </section>
  `;
}
