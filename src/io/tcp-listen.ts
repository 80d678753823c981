/**
 * Opening a listener on an address as `bind` has it.
 *
 * Both the port for clients and the one for other nodes listen on the same addresses, by the same
 * rules. Who connects and what happens then is the caller's.
 */
import type { Server } from "node:net";
import { systemErrorCode, systemErrorText } from "./system-error.ts";

/** Redis' names for all addresses of one kind. */
const ALL_ADDRESSES: Readonly<Record<string, string>> = { "*": "0.0.0.0", "::*": "::" };
/** An optional address may not exist on this machine. */
const MISSING_ADDRESS_CODES: ReadonlySet<string> = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"]);

/** Where a server is to listen. */
export interface TcpPlace {
  /** "" is any; a leading "-" means it may be missing. */
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  readonly backlog: number;
}

/**
 * Opens the server. Returns the port, or undefined when an optional address is missing; throws an Error
 * that names the place.
 */
export async function listenTcp(server: Server, place: TcpPlace): Promise<number | undefined> {
  const { address, port, backlog } = place;
  const isOptional = address.startsWith("-");
  const name = isOptional ? address.slice(1) : address;
  const host = ALL_ADDRESSES[name] ?? name;
  const where = host === "" ? {} : { host, ipv6Only: host.includes(":") };
  try {
    await listen(server, { ...where, port, backlog });
  } catch (error) {
    if (isOptional && MISSING_ADDRESS_CODES.has(systemErrorCode(error) ?? "")) return undefined;
    const shown = `${host === "" ? "any address" : host} port ${port}`;
    throw new Error(`cannot listen on ${shown}: ${systemErrorText(error)}`);
  }
  const bound = server.address();
  return bound !== null && typeof bound === "object" ? bound.port : port;
}

/** Opens a server of any kind; rejects with the system's error. */
export function listen(server: Server, options: Parameters<Server["listen"]>[0]): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
