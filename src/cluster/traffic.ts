/**
 * How many messages of each type have gone to other nodes and come from them since the start.
 *
 * What a cluster costs while it is idle, or how many messages an acknowledgement takes, is read here.
 */
import { busMessages, type Message } from "./messages.ts";

type Type = Message["type"];

/** Names of all messages. */
export const MESSAGE_TYPES = Object.keys(busMessages) as readonly Type[];

/** What the bus has counted since the start. */
export interface BusFigures {
  /** Of messages of one type, without what is around them; undefined: there were none. */
  ofType(type: string): { readonly sentBytes: number; readonly receivedBytes: number } | undefined;
  readonly linkBytesSent: number;
  readonly linkBytesReceived: number;
  /** Connections that did not become links, for a reason that somebody has to mend. */
  readonly connectionsRefused: number;
}

/** Of a node without a bus. */
export const NO_FIGURES: BusFigures = {
  linkBytesSent: 0,
  linkBytesReceived: 0,
  connectionsRefused: 0,
  ofType: () => undefined,
};

/** Counts of one direction. */
export class MessageCounts {
  readonly #counts: Record<Type, number>;
  #total = 0;

  constructor() {
    this.#counts = Object.fromEntries(MESSAGE_TYPES.map((type) => [type, 0])) as Record<
      Type,
      number
    >;
  }

  /** Messages of all types. */
  get total(): number {
    return this.#total;
  }

  of(type: Type): number {
    return this.#counts[type];
  }

  add(type: Type): void {
    this.#counts[type]++;
    this.#total++;
  }
}
