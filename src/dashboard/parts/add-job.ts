/**
 * Adds a job to a queue by hand.
 *
 * Only what one wants by hand: a body as text, and the times; everything else is as the server likes it.
 */
import { useRef } from "preact/hooks";
import { html } from "../html.ts";
import { act } from "../state/api.ts";
import { attempt } from "../state/notices.ts";
import { Dialog } from "./dialog.ts";

interface AddJobProps {
  /** As a segment of a path. */
  readonly queueUrl: string;
  readonly onClose: () => void;
  readonly onAdded: () => void;
}

const TIMES = [
  { name: "delay", label: "Delay, seconds" },
  { name: "retry", label: "Retry, seconds" },
  { name: "ttl", label: "Time to live, seconds" },
] as const;

/** A window with a form. */
export function AddJob({ queueUrl, onClose, onAdded }: AddJobProps) {
  const form = useRef<HTMLFormElement>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (form.current === null) return;
    const fields = new FormData(form.current);
    const body: Record<string, unknown> = {
      body: String(fields.get("body")).replaceAll("\r\n", "\n"),
    };
    for (const { name } of TIMES) {
      const text = String(fields.get(name));
      if (text !== "") body[name] = Number(text);
    }
    const isAdded = await attempt(async () => {
      const { id } = await act<{ id: string }>("POST", `/api/queues/${queueUrl}/jobs`, body);
      return `Added ${id}`;
    });
    if (!isAdded) return;
    onAdded();
    onClose();
  };
  return html`
    <${Dialog} title="Add a job" onClose=${onClose}>
      <form class="fields" ref=${form} onSubmit=${submit}>
        <label>Body <textarea name="body" rows="6"></textarea></label>
        <div class="row">
          ${TIMES.map(
            ({ name, label }) => html`
              <label key=${name}>${label} <input name=${name} type="number" min="0" step="1" placeholder="default" /></label>
            `,
          )}
        </div>
        <div class="buttons">
          <button type="button" onClick=${onClose}>Cancel</button>
          <button type="submit" class="primary">Add job</button>
        </div>
      </form>
    </${Dialog}>
  `;
}
