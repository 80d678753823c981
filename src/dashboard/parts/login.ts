/**
 * Asks for the password of the node (http-password, else requirepass).
 *
 * Shown in place of any page as soon as the API answers that there is none, or a wrong one.
 */
import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.ts";
import { logIn } from "../state/api.ts";

/** A form with one field. */
export function Login({ reason }: { reason: string }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = (event: Event): void => {
    event.preventDefault();
    const password = field.current?.value ?? "";
    if (password !== "") logIn(password);
  };
  return html`
    <section class="login" aria-labelledby="login-title">
      <h1 id="login-title">Log in</h1>
      <p role="alert">${reason}</p>
      <form onSubmit=${submit}>
        <label for="password">Password</label>
        <input id="password" type="password" autocomplete="current-password" required ref=${field} />
        <button type="submit" class="primary">Log in</button>
      </form>
      <p class="hint">The value of <code>http-password</code>, else of <code>requirepass</code>. It is kept in this tab only.</p>
    </section>
  `;
}
