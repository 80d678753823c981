/**
 * Who may do what by HTTP.
 *
 * With a password (http-password, else requirepass) every request brings it. Without one only this machine
 * is served, and only under a name that no stranger can make his own: a page of evil.example whose name
 * suddenly means 127.0.0.1 sends `Host: evil.example` (DNS rebinding). A request that a proxy passed on is
 * from another machine, whatever its address says.
 *
 * What changes something must come from our own pages or from a program: browsers let other pages send
 * forms and simple requests, with the password they remember, but no header of ours (CSRF).
 *
 * Wrong passwords slow down the place they come from (login-guard.ts): the request waits, right or wrong.
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { GuardedSession, Guess } from "../commands/login-guard.ts";
import type { ServerState } from "../commands/server-state.ts";
import type { Endpoints } from "../io/endpoints.ts";
import { isIpAddress } from "../util/ip-address.ts";
import { ApiError, badRequest } from "./api-error.ts";

/** The header that actions need unless they come with a bearer token; its value does not matter. */
export const ACTION_HEADER = "x-ringq-action";
/** The longest password that can be set. */
const PASSWORD_BYTES_MAX = 512;
/** How often a request waits for its place to open before it is told to come again. */
const WAITS_MAX = 3;
/** Headers of proxies. */
const FORWARDING_HEADERS = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];
const CHALLENGE = { "WWW-Authenticate": 'Basic realm="ringq", charset="UTF-8"' };

/** What is known of one connection; it outlives its requests. */
interface HttpPlace extends GuardedSession {
  isAuthenticated: boolean;
  hasFailedLogin: boolean;
}

interface Credentials {
  readonly isBearer: boolean;
  readonly password: Buffer;
}

/** Guards the routes of one server. */
export class Access {
  readonly #server: ServerState;
  readonly #touch: () => void;
  readonly #places = new WeakMap<Socket, HttpPlace>();

  /** @param touch a turn goes on: clocks are read */
  constructor(server: ServerState, touch: () => void) {
    this.#server = server;
    this.#touch = touch;
  }

  /** Throws an ApiError unless the request may be answered. */
  async check(request: IncomingMessage, from: Endpoints): Promise<void> {
    refuseOtherSites(request);
    const password = this.#password;
    if (password === "") checkUnguarded(request, from);
    else await this.#checkPassword(request, from, Buffer.from(password, "latin1"));
  }

  /** Throws an ApiError unless the request, which `check` has let pass, may change something. */
  checkAction(request: IncomingMessage): void {
    checkAction(request, this.#password !== "");
  }

  get #password(): string {
    const { settings } = this.#server.config;
    return settings["http-password"] || settings.requirepass;
  }

  async #checkPassword(request: IncomingMessage, from: Endpoints, expected: Buffer): Promise<void> {
    const given = credentialsOf(request);
    if (given === undefined) {
      throw new ApiError(401, "NOAUTH", "A password is needed, see http-password.", CHALLENGE);
    }
    const place = this.#placeOf(request.socket, from);
    await this.#waitFor(place);
    const { host, logins, stats } = this.#server;
    if (given.password.length <= PASSWORD_BYTES_MAX) {
      if (host.passwordsEqual(given.password, expected)) {
        place.isAuthenticated = true;
        return;
      }
    }
    stats.failedLogins++;
    place.isAuthenticated = false;
    place.hasFailedLogin = true;
    logins.failed(place, guessOf(given.password), 0, host.nowMs);
    throw new ApiError(401, "WRONGPASS", "The password is wrong.", CHALLENGE);
  }

  async #waitFor(place: HttpPlace): Promise<void> {
    const { host, logins } = this.#server;
    for (let waits = 0; waits < WAITS_MAX; waits++) {
      const untilMs = logins.heldUntilMs(place, host.nowMs);
      if (untilMs === 0) return;
      await new Promise((resolve) => setTimeout(resolve, untilMs - host.nowMs));
      this.#touch();
    }
    if (logins.heldUntilMs(place, host.nowMs) === 0) return;
    const message = "Too many wrong passwords from this address, try again in a second.";
    throw new ApiError(429, "TOOMANY", message, { "Retry-After": "1" });
  }

  #placeOf(socket: Socket, { remoteAddress }: Endpoints): HttpPlace {
    const known = this.#places.get(socket);
    if (known !== undefined) return known;
    const carrier = { remoteAddress, isUnixSocket: false };
    const place = { isAuthenticated: false, hasFailedLogin: false, carrier };
    this.#places.set(socket, place);
    return place;
  }
}

/**
 * Throws an ApiError unless there is one Host header, or none in HTTP/1.0: of two the proxy before us may have
 * looked at the other one.
 */
export function checkHostHeader({ rawHeaders, httpVersion }: IncomingMessage): void {
  const isHost = (text: string, at: number): boolean =>
    at % 2 === 0 && text.toLowerCase() === "host";
  const hosts = rawHeaders.filter(isHost).length;
  if (hosts === 1 || (hosts === 0 && httpVersion === "1.0")) return;
  throw badRequest("There must be one Host header.");
}

/** Other sites' pages get nothing, not even by accident; a link that somebody follows is fine. */
function refuseOtherSites({ headers }: IncomingMessage): void {
  const site = headers["sec-fetch-site"];
  if (site !== "cross-site" && site !== "same-site") return;
  if (headers["sec-fetch-mode"] === "navigate") return;
  throw new ApiError(403, "CROSSSITE", "Pages of other sites may not ask this.");
}

/** No password is set: this machine only, under a name that is certainly its own. */
function checkUnguarded({ headers }: IncomingMessage, from: Endpoints): void {
  const isProxied = FORWARDING_HEADERS.some((name) => headers[name] !== undefined);
  if (!from.isLoopback || isProxied) {
    const message =
      "From other machines, or through a proxy, http-password or requirepass must be set.";
    throw new ApiError(403, "NOPASSWORD", message);
  }
  if (!isOwnName(headers.host ?? "")) {
    const message =
      "The Host header is neither an IP address nor localhost: use one of these, or set http-password.";
    throw new ApiError(403, "BADHOST", message);
  }
}

/** Whether a Host header names an address, or localhost. */
export function isOwnName(host: string): boolean {
  const name = host.replace(/:\d{1,5}$/, "").toLowerCase();
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  const isBracketed = name.startsWith("[") && name.endsWith("]");
  return isIpAddress(isBracketed ? name.slice(1, -1) : name);
}

function checkAction(request: IncomingMessage, hasPassword: boolean): void {
  const { headers } = request;
  const { origin, host = "" } = headers;
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    throw new ApiError(403, "CROSSSITE", "Actions are taken from this server's own pages only.");
  }
  const isBearer = hasPassword && credentialsOf(request)?.isBearer === true;
  if (isBearer || headers[ACTION_HEADER] !== undefined) return;
  const message = `Actions need the header ${ACTION_HEADER} with any value, or a bearer token.`;
  throw new ApiError(403, "NOACTIONHEADER", message);
}

/** `Basic` of any user, or `Bearer`; the bytes of the password. */
function credentialsOf({ headers }: IncomingMessage): Credentials | undefined {
  const [, scheme = "", value = ""] = /^(\w+) +(.*)$/s.exec(headers.authorization ?? "") ?? [];
  if (scheme.toLowerCase() === "bearer") {
    return { isBearer: true, password: Buffer.from(value.trim(), "latin1") };
  }
  if (scheme.toLowerCase() !== "basic") return undefined;
  const decoded = Buffer.from(value, "base64");
  const colon = decoded.indexOf(":");
  return colon < 0 ? undefined : { isBearer: false, password: decoded.subarray(colon + 1) };
}

/** As the guard has it from a command: one argument. */
function guessOf(password: Buffer): Guess {
  return { buffer: password, start: () => 0, end: () => password.length };
}
