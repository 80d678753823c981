/**
 * One queue.
 *
 * Its name may be any bytes, so it is passed on as it is written in a path.
 */
import { html } from "../html.ts";

/** The page. `name`: as a segment of a path. */
export function QueuePage({ name }: { name: string }) {
  return html`<h1>${name}</h1>`;
}
