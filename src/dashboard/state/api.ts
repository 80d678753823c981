/**
 * Asking the API: JSON in and out, the password, and errors that can be shown.
 *
 * The password goes along as a bearer token and lies in the session storage of this tab, never in a
 * cookie: no other site's page can use it. `credentials: "omit"` keeps the browser from asking for it in
 * a window of its own, and from sending one that it remembers.
 */
import { Store } from "./store.ts";

const STORAGE_KEY = "ringq-password";
/** See access.ts of the server: actions of pages need it, because other sites' pages cannot send it. */
const ACTION_HEADER = "x-ringq-action";

/** An answer that is no success. `status` 0: the server was not reached. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Why a password is asked for; undefined: it is not. */
export const loginReason = new Store<string | undefined>(undefined);

/** What requests carry. */
function authorization(password: string | null): Record<string, string> {
  return password === null ? {} : { Authorization: `Bearer ${asHeaderBytes(password)}` };
}

/** Keeps a password for this tab; whoever waits for one goes on. */
export function logIn(password: string): void {
  sessionStorage.setItem(STORAGE_KEY, password);
  loginReason.set(undefined);
}

/** Forgets it. */
export function logOut(): void {
  sessionStorage.removeItem(STORAGE_KEY);
  loginReason.set("You have logged out.");
}

/** A password is kept. */
export function isLoggedIn(): boolean {
  return sessionStorage.getItem(STORAGE_KEY) !== null;
}

/** Reads. Throws an ApiFailure. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await ask(path, { method: "GET", ...(signal === undefined ? {} : { signal }) })) as T;
}

/** Does something. Throws an ApiFailure. */
export async function act<T>(method: "POST" | "DELETE", path: string, body?: object): Promise<T> {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const type: Record<string, string> =
    body === undefined ? {} : { "Content-Type": "application/json" };
  return (await ask(path, { method, ...json, headers: { ...type, [ACTION_HEADER]: "1" } })) as T;
}

/** The answer itself. Throws an ApiFailure when there is none, or when it is no success. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const password = sessionStorage.getItem(STORAGE_KEY);
  const headers = { ...(init.headers as Record<string, string>), ...authorization(password) };
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers, credentials: "omit", cache: "no-store" });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiFailure(0, "UNREACHABLE", "The node cannot be reached.");
  }
  if (response.ok) return response;
  const failure = parsedFailure(response.status, await response.text().catch(() => ""));
  if (failure.status === 401) refused(password, failure);
  throw failure;
}

/** Asks for a password, unless another one was given since, or it is asked for already. */
function refused(password: string | null, { code }: ApiFailure): void {
  if (password !== sessionStorage.getItem(STORAGE_KEY)) return;
  sessionStorage.removeItem(STORAGE_KEY);
  const isWrong = password !== null && code === "WRONGPASS";
  loginReason.set(
    isWrong ? "That password is wrong." : (loginReason.value ?? "This node asks for a password."),
  );
}

async function ask(path: string, init: RequestInit): Promise<unknown> {
  return (await request(path, init)).json();
}

function parsedFailure(status: number, text: string): ApiFailure {
  try {
    const { error, message } = JSON.parse(text) as { error: string; message: string };
    return new ApiFailure(status, error, message);
  } catch {
    return new ApiFailure(status, "", `The node answered ${status}.`);
  }
}

/** Headers are bytes: a password that is not ASCII goes as UTF-8, as in the configuration file. */
function asHeaderBytes(password: string): string {
  return String.fromCharCode(...new TextEncoder().encode(password));
}
