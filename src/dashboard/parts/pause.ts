/**
 * Stopping a queue and opening it again.
 *
 * Both are done on all nodes, because that is what the word means to whoever presses the button.
 */
import { queueName } from "../format.ts";
import { html } from "../html.ts";
import type { Named, Pause } from "../shapes/api-shapes.ts";
import { act } from "../state/api.ts";
import { attempt } from "../state/notices.ts";

const WORDS: Readonly<Record<Pause, string>> = {
  none: "open",
  in: "paused in",
  out: "paused out",
  all: "paused",
};

/** Whether a queue is open, in a word. */
export function PauseTag({ pause }: { pause: Pause }) {
  return html`<span class="state ${pause === "none" ? "calm" : "warn"}">${WORDS[pause]}</span>`;
}

interface PauseButtonProps {
  readonly queue: Named & { readonly pause: Pause };
  readonly onChange: () => void;
}

/** Pauses both sides of a queue on all nodes, or resumes it. */
export function PauseButton({ queue, onChange }: PauseButtonProps) {
  const isOpen = queue.pause === "none";
  const word = isOpen ? "Pause" : "Resume";
  const change = (): Promise<boolean> =>
    attempt(async () => {
      const path = `/api/queues/${queue.nameUrl}/${isOpen ? "pause" : "resume"}`;
      await act("POST", path, { everywhere: true });
      onChange();
      return isOpen
        ? `${queueName(queue.name)} is paused on all nodes.`
        : `${queueName(queue.name)} is open again.`;
    });
  return html`
    <button type="button" aria-label=${`${word} ${queueName(queue.name)}`} onClick=${change}>${word}</button>
  `;
}
