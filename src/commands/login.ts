/**
 * Logging in and out: what AUTH, HELLO and RESET have in common.
 *
 * There is one user, called "default", and one password. Comparing takes the same time whatever was
 * sent. A failed login ends an earlier one on the same connection (reference 7.4).
 */
import {
  fullLimits,
  type ReaderLimits,
  type Request,
  unauthenticatedLimits,
} from "../protocol/request.ts";
import type { ServerState } from "./server-state.ts";
import type { Session } from "./session.ts";

const DEFAULT_USER = Buffer.from("default", "latin1");
/** The longest password that can be set; longer ones are wrong and not even copied. */
const PASSWORD_BYTES_MAX = 512;

/** Where a request has the name of the user (0 when it has none) and the password. */
export interface CredentialsAt {
  readonly user: number;
  readonly password: number;
}

/**
 * What became of a login. "put off": the request will run again later. "not needed": there is no
 * password, and the user exists.
 */
export type LoginOutcome = "done" | "refused" | "put off" | "not needed";

/** Whether clients must log in at all. */
export function isPasswordSet(server: ServerState): boolean {
  return server.config.settings.requirepass !== "";
}

/** Whether argument `i` names the only user. */
export function isDefaultUser(request: Request, i: number): boolean {
  return request.size(i) === DEFAULT_USER.length && request.bytes(i).equals(DEFAULT_USER);
}

/** Logs the client in, or out when the credentials are wrong. */
export function logIn(
  server: ServerState,
  session: Session,
  request: Request,
  { user, password }: CredentialsAt,
): LoginOutcome {
  const isKnown = user === 0 || isDefaultUser(request, user);
  if (!isPasswordSet(server)) return isKnown ? "not needed" : "refused";
  const heldUntilMs = server.logins.heldUntilMs(session, server.host.nowMs);
  if (heldUntilMs > 0) {
    request.defer();
    session.carrier.holdUntil(heldUntilMs);
    return "put off";
  }
  if (isKnown && isPassword(server, request, password)) {
    session.isAuthenticated = true;
    setLimits(session, fullLimits());
    return "done";
  }
  server.stats.failedLogins++;
  server.logins.failed(session, request, password, server.host.nowMs);
  session.hasFailedLogin = true;
  logOut(server, session);
  return "refused";
}

/** The client is a stranger again. */
export function logOut(server: ServerState, session: Session): void {
  session.isAuthenticated = false;
  if (isPasswordSet(server)) setLimits(session, unauthenticatedLimits());
}

function isPassword(server: ServerState, request: Request, i: number): boolean {
  if (request.size(i) > PASSWORD_BYTES_MAX) return false;
  const expected = Buffer.from(server.config.settings.requirepass, "latin1");
  return server.host.passwordsEqual(request.bytes(i), expected);
}

/** The reader of a connection looks at the same object for every request. */
function setLimits(session: Session, limits: ReaderLimits): void {
  Object.assign(session.limits, limits);
}
