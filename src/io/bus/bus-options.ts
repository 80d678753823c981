/**
 * What a bus is told when it is made, and the limits it keeps.
 *
 * Settings that operators change while it runs are asked for each time (`access`), the rest stays.
 */
import type { MessageIn, MessageTable } from "../../cluster/wire/codec.ts";
import { PROTOCOL_VERSION } from "../../cluster/wire/frame-format.ts";
import type { Endpoints } from "../endpoints.ts";
import type { Logger } from "../logger.ts";
import type { BusEvents, BusIdentity } from "./bus-events.ts";
import type { BusTls } from "./bus-listener.ts";
import type { BusAccess, VersionRange } from "./handshaking.ts";

/** What a bus needs of its node. */
export interface BusOptions<Table extends MessageTable> {
  readonly identity: BusIdentity;
  readonly table: Table;
  readonly events: BusEvents<MessageIn<Table>>;
  readonly log: Logger;
  readonly clock: { readonly nowMs: number };
  /** Something happens: read the clock, and call `flush` at the end of the turn. */
  readonly touch: () => void;
  /** As it is now; asked for every new connection. */
  readonly access: () => BusAccess;
  /** What TLS is spoken with; undefined: none is. Asked for every new connection. */
  readonly tls?: () => BusTls | undefined;
}

/** What tests may have otherwise. */
export interface BusDefaults {
  readonly versions: VersionRange;
  /** For everything between the first packet of a connection and the end of its handshake. */
  readonly handshakeMs: number;
  /** How long `stop` waits for peers to take what was sent to them. */
  readonly stopMs: number;
  /** Whether a peer is on this machine. */
  readonly isLocal: (endpoints: Endpoints) => boolean;
}

/** All that a bus works with. */
export type BusSettings<Table extends MessageTable> = BusOptions<Table> & BusDefaults;

/**
 * The oldest version this one understands. Nodes that speak version 2 pack jobs in another way.
 */
const VERSION_MIN = 3;

/** What holds unless something else is given. */
export const busDefaults: BusDefaults = {
  versions: { min: VERSION_MIN, max: PROTOCOL_VERSION },
  handshakeMs: 5000,
  stopMs: 1000,
  isLocal: (endpoints) => endpoints.isLoopback,
};
