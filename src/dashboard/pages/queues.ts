/**
 * Queues: a table of them all, to sort, filter, stop and open again.
 *
 * Ten thousand queues are read into memory and sorted there; a hundred of them are drawn.
 */
import { useEffect, useMemo } from "preact/hooks";
import { count, duration, queueName, rate, short } from "../format.ts";
import { html } from "../html.ts";
import { Pager } from "../parts/pager.ts";
import { PauseButton, PauseTag } from "../parts/pause.ts";
import { SortHeader } from "../parts/sort-header.ts";
import {
  arranged,
  type Order,
  pageOf,
  type QueueColumn,
  type QueueFilter,
  type QueueRow,
} from "../shapes/queue-rows.ts";
import type { Place } from "../state/place.ts";
import { type QueueList, QueueReader } from "../state/queue-list.ts";
import { scope } from "../state/scope.ts";
import { Store, useStore } from "../state/store.ts";
import { QueuePage } from "./queue.ts";

interface View {
  readonly filter: QueueFilter;
  readonly order: Order;
  readonly page: number;
}

/** Outlives the page, so that one comes back to the same rows. */
const view = new Store<View>({
  filter: { text: "", only: "all" },
  order: { column: "length", isDescending: true },
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
  const reader = useMemo(() => new QueueReader(chosen), [chosen]);
  useEffect(() => {
    void reader.run();
    return () => reader.stop();
  }, [reader]);
  const list = useStore(reader.list);
  const { filter, order, page } = useStore(view);
  const rows = useMemo(() => arranged(list.rows, filter, order), [list.rows, filter, order]);
  const { shown, page: at, pages } = pageOf(rows, page);
  const sortBy = (column: QueueColumn): void => {
    const isDescending = order.column === column ? !order.isDescending : column !== "name";
    view.set({ filter, order: { column, isDescending }, page: 0 });
  };
  return html`
    <h1>Queues</h1>
    <${Filters} />
    <${Summary} list=${list} found=${rows.length} />
    ${
      rows.length > 0 &&
      html`
        <div class="card scroll">
          <table class="wide" aria-label="Queues" aria-rowcount=${rows.length + 1}>
            <thead>
              <tr>
                ${COLUMNS.map(
                  ({ column, label, isText }) => html`
                    <${SortHeader} key=${column} label=${label} isText=${isText}
                      direction=${order.column === column ? order.isDescending : undefined}
                      onSort=${() => sortBy(column)} />
                  `,
                )}
                <th scope="col"><span class="unseen">Action</span></th>
              </tr>
            </thead>
            <tbody>
              ${shown.map((row) => html`<${Row} key=${row.nameUrl} row=${row} onChange=${() => reader.refresh()} />`)}
            </tbody>
          </table>
        </div>
        <${Pager} page=${at} pages=${pages} label="Pages of queues"
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

function Summary({ list, found }: { list: QueueList; found: number }) {
  const { rows, isRead, isComplete, problem } = list;
  if (problem !== undefined) return html`<p class="hint bad" role="alert">${problem}</p>`;
  if (!isRead)
    return html`<p class="hint" role="status">Reading queues … ${count(rows.length)} so far</p>`;
  if (rows.length === 0) {
    return html`
      <section class="empty">
        <h2>There are no queues</h2>
        <p>A queue is made by the first job that is added to it, or by the first worker that waits for it.</p>
      </section>
    `;
  }
  if (found === 0) {
    return html`<section class="empty"><h2>No queue fits</h2><p>None of ${count(rows.length)} queues is what you look for.</p></section>`;
  }
  const jobs = rows.reduce((sum, { length }) => sum + length, 0);
  return html`
    <p class="hint" role="status">
      ${found === rows.length ? count(found) : `${count(found)} of ${count(rows.length)}`}
      ${rows.length === 1 ? " queue" : " queues"}, ${short(jobs)} ${jobs === 1 ? "job" : "jobs"}
      ${!isComplete && ". There are more queues than are shown: look at one node."}
    </p>
  `;
}
