/**
 * Which of two ports for clients a node names to others.
 *
 * Nodes tell one another one client port each. It is the plain one, unless there is none or the operator
 * wants TLS between nodes, and then clients should not be sent to a plain port either. `announce-port`
 * is stronger than both.
 */
import type { Settings } from "./directives.ts";

/** Ports that are open for clients; 0: none. */
export interface ClientPorts {
  readonly port: number;
  readonly tlsPort: number;
}

/** The port that others are told, unless announce-port says something else. */
export function toldPort(settings: Settings, { port, tlsPort }: ClientPorts): number {
  return tlsPort !== 0 && (port === 0 || settings["tls-cluster"]) ? tlsPort : port;
}
