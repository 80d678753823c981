/**
 * Where a server is and how to log in: as options give it, or in one line as a URL.
 *
 * `redis://[user[:password]@]host[:port]`, `rediss://` for TLS, `unix:///path`; the schemes are those that
 * client libraries know. Nothing is looked up here.
 */
import { parseNodeAddress } from "../util/node-address.ts";

/** The port of ringq and of Disque. */
export const DEFAULT_PORT = 7711;
/** Where a client looks unless told. */
export const DEFAULT_HOST = "127.0.0.1";
const PORT_MAX = 65_535;

/** A TCP port, or a socket in the file system. */
export type ServerAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** What a URL says; the rest comes from elsewhere. */
export interface UrlParts {
  readonly address: ServerAddress;
  readonly isTls: boolean;
  readonly user?: string;
  readonly password?: string;
}

/** `127.0.0.1:7711`, `[::1]:7711`, or the path. */
export function printAddress(address: ServerAddress): string {
  if (address.kind === "unix") return address.path;
  const { host, port } = address;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Reads `host:port`; undefined when it is none. */
export function parseHostPort(text: string): ServerAddress | undefined {
  // A client does not care for the bus, whose port may lie beyond 65535 when it is not given.
  const parsed = parseNodeAddress(text.includes("@") ? text : `${text}@1`);
  return parsed && { kind: "tcp", host: parsed.host, port: parsed.port };
}

/** Reads a port; undefined when it is none. */
export function parsePort(text: string): number | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= PORT_MAX ? port : undefined;
}

/** Reads a URL, or says in words what is wrong with it. */
export function parseUrl(text: string): UrlParts | string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return "not a URL";
  const login = loginOf(url);
  if (typeof login === "string") return login;
  if (url.protocol === "unix:") {
    if (url.pathname === "") return "the path of the socket is missing";
    const path = decoded(url.pathname);
    return path === undefined
      ? "wrong %-escape"
      : { address: { kind: "unix", path }, isTls: false, ...login };
  }
  if (url.protocol !== "redis:" && url.protocol !== "rediss:") {
    return `unknown scheme ${url.protocol}// (redis://, rediss:// and unix:// are known)`;
  }
  if (!/^\/?0?$/.test(url.pathname))
    return `there are no databases here, and ${url.pathname} names one`;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1") || DEFAULT_HOST;
  const port = url.port === "" ? DEFAULT_PORT : parsePort(url.port);
  if (port === undefined) return `port ${url.port} is not one`;
  return { address: { kind: "tcp", host, port }, isTls: url.protocol === "rediss:", ...login };
}

function loginOf(url: URL): { user?: string; password?: string } | string {
  const user = decoded(url.username);
  const password = decoded(url.password);
  if (user === undefined || password === undefined) return "wrong %-escape";
  // redis://secret@host: some write the password alone, where a user belongs.
  if (password === "") return user === "" ? {} : { password: user };
  return user === "" ? { password } : { user, password };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
