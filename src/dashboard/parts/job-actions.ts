/**
 * What can be done to a job: put it back into its queue now, or get rid of it.
 *
 * Getting rid of it acknowledges it on all nodes, and is asked about first.
 */
import { useState } from "preact/hooks";
import { html } from "../html.ts";
import type { JobShape } from "../shapes/api-shapes.ts";
import { act } from "../state/api.ts";
import { attempt } from "../state/notices.ts";
import { Question } from "./dialog.ts";

interface JobActionsProps {
  readonly job: JobShape;
  readonly onChange: () => void;
}

/** Two buttons. */
export function JobActions({ job, onChange }: JobActionsProps) {
  const [isAsking, ask] = useState(false);
  const path = `/api/jobs/${encodeURIComponent(job.id)}`;
  const requeue = (): Promise<boolean> =>
    attempt(async () => {
      const { isQueued } = await act<{ isQueued: boolean }>("POST", `${path}/requeue`);
      onChange();
      return isQueued ? "The job is in its queue again." : "The job was in its queue already.";
    });
  const remove = (): Promise<boolean> =>
    attempt(async () => {
      await act("DELETE", path);
      onChange();
      return "The job is deleted.";
    });
  const answer = (isYes: boolean): void => {
    ask(false);
    if (isYes) void remove();
  };
  return html`
    <span class="buttons">
      <button type="button" aria-label=${`Requeue ${job.id}`} onClick=${requeue}>Requeue</button>
      <button type="button" class="danger" aria-label=${`Delete ${job.id}`} onClick=${() => ask(true)}>Delete</button>
    </span>
    ${
      isAsking &&
      html`<${Question} title="Delete this job?" verb="Delete job" onAnswer=${answer}
        text="It is acknowledged on all nodes and never delivered again. This cannot be undone." />`
    }
  `;
}
