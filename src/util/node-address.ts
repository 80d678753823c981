/**
 * The address of a node as people write it: `host:port`, `host:port@bus-port`, `[::1]:7711`.
 *
 * The port is the one clients use. The bus, where nodes talk to one another, is 10000 above it unless
 * it is given, as in CLUSTER MEET.
 */

/** Without a bus port of its own, a node's bus is this far above its client port. */
export const BUS_PORT_DISTANCE = 10_000;
const PORT_MAX = 65_535;
const HOST_CHARS_MAX = 255;

/** Where a node is found. */
export interface NodeAddress {
  /** A literal IP address or a host name, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly busPort: number;
}

/** Reads an address; undefined when it is none, also when the bus port would be beyond 65535. */
export function parseNodeAddress(text: string): NodeAddress | undefined {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:@[\]]+)):(\d{1,5})(?:@(\d{1,5}))?$/.exec(text);
  if (parts === null) return undefined;
  const host = parts[1] ?? parts[2] ?? "";
  const port = Number(parts[3]);
  const busPort = parts[4] === undefined ? port + BUS_PORT_DISTANCE : Number(parts[4]);
  const isGood = isPort(port) && isPort(busPort) && host.length <= HOST_CHARS_MAX;
  return isGood ? { host, port, busPort } : undefined;
}

/** The shortest text that reads back as the address. */
export function printNodeAddress({ host, port, busPort }: NodeAddress): string {
  const shownHost = host.includes(":") ? `[${host}]` : host;
  const bus = busPort === port + BUS_PORT_DISTANCE ? "" : `@${busPort}`;
  return `${shownHost}:${port}${bus}`;
}

function isPort(port: number): boolean {
  return port >= 1 && port <= PORT_MAX;
}
