/**
 * How many messages of each type have gone to other nodes and come from them since the start.
 *
 * What a cluster costs while it is idle, or how many messages an acknowledgement takes, is read here.
 */
import { busMessages, type Message } from "./messages.ts";

type Type = Message["type"];

/** Names of all messages. */
export const MESSAGE_TYPES = Object.keys(busMessages) as readonly Type[];

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
