/**
 * A window over the page: modal, closed by Escape, the focus goes back where it came from.
 *
 * The browser's own dialog element does all of that.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { html } from "../html.ts";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Open for as long as it is drawn. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return html`
    <dialog ref=${element} aria-labelledby=${id} onClose=${onClose}>
      <h2 id=${id}>${title}</h2>
      ${children}
    </dialog>
  `;
}

interface QuestionProps {
  readonly title: string;
  readonly text: string;
  /** What is done, on the button. */
  readonly verb: string;
  readonly onAnswer: (isYes: boolean) => void;
}

/** Asks before something that cannot be undone. */
export function Question({ title, text, verb, onAnswer }: QuestionProps) {
  const no = (): void => onAnswer(false);
  return html`
    <${Dialog} title=${title} onClose=${no}>
      <p>${text}</p>
      <div class="buttons">
        <button type="button" onClick=${no}>Cancel</button>
        <button type="button" class="danger" onClick=${() => onAnswer(true)}>${verb}</button>
      </div>
    </${Dialog}>
  `;
}
