/**
 * The address under which this node is known: what HELLO and CLUSTER NODES give for it.
 *
 * Clients connect to what they are told, so it is what the operator announces, or else the address
 * this very client has reached the node at.
 */
import { toldPort } from "../config/told-port.ts";
import type { ServerState } from "./server-state.ts";
import type { Session } from "./session.ts";

/** A unix socket has no address, and whoever uses one is on this machine. */
const FALLBACK_IP = "127.0.0.1";

/** Address and client port of this node for one client. */
export function ownAddress(server: ServerState, session: Session): { ip: string; port: number } {
  const { settings } = server.config;
  const { carrier } = session;
  const reachedPort = carrier.isUnixSocket ? portToTell(server) : carrier.localPort;
  return {
    ip: settings["announce-ip"] || carrier.localIp || FALLBACK_IP,
    port: settings["announce-port"] || reachedPort,
  };
}

/** The client port of this node for those who have not reached it by one. */
export function portToTell({ config, host }: ServerState): number {
  const { tcpPort: port, tlsPort } = host.facts;
  return toldPort(config.settings, { port, tlsPort });
}
