/**
 * Where a connection comes from, and which of our addresses it reached.
 *
 * Known once, when it is accepted: a socket forgets its addresses when its client goes.
 */
import type { Socket } from "node:net";

/** Both ends of one connection. */
export interface Endpoints {
  readonly remoteAddress: string;
  readonly localIp: string;
  readonly localPort: number;
  readonly isUnixSocket: boolean;
  readonly isLoopback: boolean;
}

/**
 * A client that came by TCP. Undefined when it has gone already and nobody can tell any more who it
 * was: what it left behind must not run as if it came from here.
 */
export function tcpEndpoints(socket: Socket): Endpoints | undefined {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remoteAddress === undefined || localAddress === undefined) return undefined;
  const remoteIp = plainIp(remoteAddress);
  return {
    remoteAddress: addressText(remoteIp, remotePort ?? 0),
    localIp: plainIp(localAddress),
    localPort: localPort ?? 0,
    isUnixSocket: false,
    isLoopback: isLoopback(remoteIp),
  };
}

/** A client of the unix socket at `path`. */
export function unixEndpoints(path: string): Endpoints {
  return {
    remoteAddress: `${path}:0`,
    localIp: "",
    localPort: 0,
    isUnixSocket: true,
    isLoopback: false,
  };
}

/** An IPv4 client of a dual-stack listener is an IPv4 client. */
function plainIp(ip: string): string {
  return ip.startsWith("::ffff:") ? ip.slice("::ffff:".length) : ip;
}

function addressText(ip: string, port: number): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function isLoopback(ip: string): boolean {
  return ip === "::1" || ip.startsWith("127.");
}
