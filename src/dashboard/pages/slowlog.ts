/**
 * Slow log: commands that ran longer than slowlog-log-slower-than, newest first.
 *
 * Their arguments are shown as the server has kept them: cut, and without passwords.
 */
import { duration, moment } from "../format.ts";
import { html } from "../html.ts";
import type { SlowShape } from "../shapes/api-shapes.ts";
import { oneLine } from "../shapes/hex-dump.ts";
import { usePolled } from "../state/poll.ts";

/** The page. */
export function SlowlogPage() {
  const { value, problem } = usePolled<{ entries: SlowShape[] }>("/api/slowlog?count=250", 5000);
  const entries = value?.entries ?? [];
  const slowest = Math.max(1, ...entries.map(({ durationMicros }) => durationMicros));
  if (value === undefined) {
    return html`<h1>Slow log</h1><p class="hint" role="status">${problem ?? "Looking …"}</p>`;
  }
  return html`
    <h1>Slow log</h1>
    ${
      entries.length === 0
        ? html`
          <section class="empty">
            <h2>No command was slow</h2>
            <p>What runs longer than <code>slowlog-log-slower-than</code> microseconds is noted here.</p>
          </section>
        `
        : html`
          <div class="card scroll">
            <table class="wide" aria-label="Slow commands">
              <thead>
                <tr>
                  <th scope="col">When</th><th scope="col" class="n">Took</th><th scope="col">Command</th><th scope="col">Client</th>
                </tr>
              </thead>
              <tbody>
                ${entries.map(
                  (entry) => html`
                    <tr key=${entry.id}>
                      <td><time dateTime=${entry.startedAt}>${moment(entry.startedAt).slice(0, 19)}</time></td>
                      <td class="n barred">
                        <i class="bar slow" style=${{ width: `${(entry.durationMicros / slowest) * 100}%` }} aria-hidden="true"></i>
                        <span class="figure">${duration(entry.durationMicros / 1e6)}</span>
                      </td>
                      <td class="body"><code>${oneLine(entry.args.join(" "))}</code></td>
                      <td>${entry.clientName === "" ? entry.clientAddress : `${entry.clientName} · ${entry.clientAddress}`}</td>
                    </tr>
                  `,
                )}
              </tbody>
            </table>
          </div>
        `
    }
  `;
}
