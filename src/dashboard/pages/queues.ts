/**
 * Queues: a table of them all, to sort, filter, stop and open again.
 *
 * The server sorts and filters; of ten thousand queues a hundred are read and drawn.
 */
import { useEffect, useMemo } from "preact/hooks";
import { count, duration, queueName, rate, short } from "../format.ts";
import { html } from "../html.ts";
import { Pager } from "../parts/pager.ts";
import { PauseButton, PauseTag } from "../parts/pause.ts";
import { SortHeader } from "../parts/sort-header.ts";
import {
  isOrderOf,
  pagesOf,
  type QueueColumn,
  type QueueFilter,
  type QueueRow,
  type QueueView,
} from "../shapes/queue-rows.ts";
import type { Place } from "../state/place.ts";
import { type QueueList, QueueReader } from "../state/queue-list.ts";
import { scope } from "../state/scope.ts";
import { Store, useStore } from "../state/store.ts";
import { QueuePage } from "./queue.ts";

const LONGEST_FIRST = { column: "length", isDescending: true } as const;

/** Outlives the page, so that one comes back to the same rows. */
const view = new Store<QueueView>({
  filter: { text: "", only: "all" },
  order: LONGEST_FIRST,
  page: 0,
});

const COLUMNS: readonly { column: QueueColumn; label: string; isText?: boolean }[] = [
  { column: "name", label: "Queue", isText: true },
  { column: "length", label: "Jobs" },
  { column: "oldest", label: "Oldest" },
  { column: "in", label: "In" },
  { column: "out", label: "Out" },
  { column: "waiters", label: "Waiters" },
  { column: "idle", label: "Idle" },
  { column: "pause", label: "State", isText: true },
];

const ONLY: readonly [QueueFilter["only"], string][] = [
  ["all", "All queues"],
  ["waiting", "With jobs"],
  ["starving", "With jobs and nobody waiting"],
  ["paused", "Paused"],
];

/** The page: one queue, or all. */
export function QueuesPage({ place }: { place: Place }) {
  return place.subject === ""
    ? html`<${AllQueues} />`
    : html`<${QueuePage} name=${place.subject} />`;
}

function AllQueues() {
  const chosen = useStore(scope);
  const seen = useStore(view);
  const { filter, page } = seen;
  const order = isOrderOf(chosen, seen.order.column) ? seen.order : LONGEST_FIRST;
  const looked = useMemo(() => ({ filter, order, page }), [filter, order, page]);
  const reader = useMemo(() => new QueueReader(chosen, looked), [chosen]);
  useEffect(() => {
    void reader.run();
    return () => reader.stop();
  }, [reader]);
  useEffect(() => reader.look(looked), [reader, looked]);
  const list = useStore(reader.list);
  const sortBy = (column: QueueColumn): void => {
    const isDescending = order.column === column ? !order.isDescending : column !== "name";
    view.set({ filter, order: { column, isDescending }, page: 0 });
  };
  return html`
    <h1>Queues</h1>
    <${Filters} />
    <${Summary} list=${list} />
    ${
      list.rows.length > 0 &&
      html`
        <div class="card scroll">
          <table class="wide" aria-label="Queues" aria-rowcount=${list.found + 1}>
            <thead>
              <tr>
                ${COLUMNS.map(
                  ({ column, label, isText }) => html`
                    <${SortHeader} key=${column} label=${label} isText=${isText}
                      direction=${order.column === column ? order.isDescending : undefined}
                      onSort=${isOrderOf(chosen, column) ? () => sortBy(column) : undefined} />
                  `,
                )}
                <th scope="col"><span class="unseen">Action</span></th>
              </tr>
            </thead>
            <tbody>
              ${list.rows.map((row) => html`<${Row} key=${row.nameUrl} row=${row} onChange=${() => reader.refresh()} />`)}
            </tbody>
          </table>
        </div>
        <${Pager} page=${list.page} pages=${pagesOf(list.found)} label="Pages of queues"
          onPage=${(next: number) => view.set({ filter, order, page: next })} />
      `
    }
  `;
}

function Row({ row, onChange }: { row: QueueRow; onChange: () => void }) {
  return html`
    <tr>
      <th scope="row"><a class="name" href=${`#/queues/${row.nameUrl}`}>${queueName(row.name)}</a></th>
      <td class="n">${count(row.length)}</td>
      <td class="n">${duration(row.oldestAgeSeconds)}</td>
      <td class="n">${rate(row.inRate)}</td>
      <td class="n">${rate(row.outRate)}</td>
      <td class="n">${count(row.blockedClients)}</td>
      <td class="n">${duration(Math.floor(row.idleSeconds))}</td>
      <td><${PauseTag} pause=${row.pause} /></td>
      <td class="actions"><${PauseButton} queue=${row} onChange=${onChange} /></td>
    </tr>
  `;
}

function Filters() {
  const { filter, order } = useStore(view);
  const change = (part: Partial<QueueFilter>): void =>
    view.set({ filter: { ...filter, ...part }, order, page: 0 });
  return html`
    <form class="filters" role="search" aria-label="Queues" onSubmit=${(event: Event) => event.preventDefault()}>
      <label>
        <span class="unseen">Filter by name</span>
        <input type="search" placeholder="Filter by name" value=${filter.text}
          onInput=${(event: InputEvent) => change({ text: (event.target as HTMLInputElement).value })} />
      </label>
      <label>
        <span class="unseen">Show</span>
        <select value=${filter.only}
          onChange=${(event: Event) => change({ only: (event.target as HTMLSelectElement).value as QueueFilter["only"] })}>
          ${ONLY.map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}
        </select>
      </label>
    </form>
  `;
}

function Summary({ list }: { list: QueueList }) {
  const { found, queueCount, jobCount, isRead, isPartial, problem } = list;
  if (problem !== undefined) return html`<p class="hint bad" role="alert">${problem}</p>`;
  if (!isRead) return html`<p class="hint" role="status">Reading queues …</p>`;
  if (queueCount === 0) {
    return html`
      <section class="empty">
        <h2>There are no queues</h2>
        <p>A queue is made by the first job that is added to it, or by the first worker that waits for it.</p>
      </section>
    `;
  }
  if (found === 0) {
    return html`<section class="empty"><h2>No queue fits</h2><p>None of ${count(queueCount)} queues is what you look for.</p></section>`;
  }
  return html`
    <p class="hint" role="status">
      ${found === queueCount ? count(found) : `${count(found)} of ${count(queueCount)}`}
      ${queueCount === 1 ? " queue" : " queues"}, ${short(jobCount)} ${jobCount === 1 ? "job" : "jobs"}
      ${isPartial && ". There are more queues than are shown: look at one node."}
    </p>
  `;
}
