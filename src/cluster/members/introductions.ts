/**
 * Nodes that may become members: those an operator wants to meet, and those others have told of.
 *
 * Hearsay makes nobody a member: a node that was forgotten because it is dead would come back with
 * every list of somebody who did not hear of it. So whoever is told of is dialled, and is a member
 * when it answers; if it does not in time, it was never there. The reference calls this a handshake.
 */
import type { Host } from "../../core/host.ts";
import type { MemberRecord } from "../messages.ts";
import type { Dial, Dialer } from "./dialer.ts";
import type { PeerAddress } from "./links.ts";
import { Chore, type Schedule } from "./schedule.ts";

/** More are not tried at a time; the oldest gives way. */
const INTRODUCTIONS_MAX = 1024;
const ID_WORDS = 5;

/** A node that is being dialled for the first time. */
export class Introduction {
  /** 40 hex digits: the real id when it is known, else one invented for CLUSTER NODES. */
  readonly shownId: string;
  /** Undefined: whoever answers. */
  readonly nodeId: string | undefined;
  readonly address: MeetAddress;
  readonly dial: Dial;
  readonly expiry: Chore;
  isDropped = false;

  constructor(
    shownId: string,
    nodeId: string | undefined,
    address: MeetAddress,
    dialer: Dialer,
    drop: (introduction: Introduction) => void,
  ) {
    this.shownId = shownId;
    this.nodeId = nodeId;
    this.address = address;
    this.dial = dialer.make({ kind: "introduction", introduction: this }, () => this.#target());
    this.expiry = new Chore(() => drop(this));
  }

  isAt({ host, busPort }: MeetAddress): boolean {
    return this.address.host === host && this.address.busPort === busPort;
  }

  #target(): PeerAddress | undefined {
    const { host, busPort } = this.address;
    return this.isDropped ? undefined : { host, port: busPort };
  }
}

/** Where an operator says that a node is. */
export interface MeetAddress {
  readonly host: string;
  /** For clients; only shown until the node itself has told. */
  readonly port: number;
  readonly busPort: number;
}

/** All that are under way. */
export class Introductions {
  readonly #host: Host;
  readonly #schedule: Schedule;
  readonly #dialer: Dialer;
  readonly #all = new Map<string, Introduction>();

  constructor(host: Host, schedule: Schedule, dialer: Dialer) {
    this.#host = host;
    this.#schedule = schedule;
    this.#dialer = dialer;
  }

  get count(): number {
    return this.#all.size;
  }

  values(): IterableIterator<Introduction> {
    return this.#all.values();
  }

  /** Whether the node with this real id is being dialled. */
  has(nodeId: string): boolean {
    return this.#all.get(nodeId)?.nodeId === nodeId;
  }

  /** An operator wants to meet whoever is there; the second time changes nothing. */
  meet(address: MeetAddress, lifetimeMs: number): void {
    const isRunning = [...this.values()].some(
      (introduction) => introduction.nodeId === undefined && introduction.isAt(address),
    );
    if (!isRunning) this.#add(this.#inventId(), undefined, address, lifetimeMs, 0);
  }

  /** Somebody told of a node; its newest address counts. */
  tell(record: MemberRecord, lifetimeMs: number, delayMs: number): void {
    const known = this.#all.get(record.nodeId);
    if (known?.isAt(record)) return;
    if (known !== undefined) this.drop(known);
    this.#add(record.nodeId, record.nodeId, record, lifetimeMs, delayMs);
  }

  /** It is a member now, or will never be one. */
  drop(introduction: Introduction): void {
    introduction.isDropped = true;
    this.#all.delete(introduction.shownId);
    this.#schedule.cancel(introduction.expiry);
    this.#dialer.stop(introduction.dial);
  }

  /** Drops the one with this id as shown; false when there is none. */
  dropId(shownId: string): boolean {
    const introduction = this.#all.get(shownId);
    if (introduction !== undefined) this.drop(introduction);
    return introduction !== undefined;
  }

  dropAll(): void {
    for (const introduction of [...this.values()]) this.drop(introduction);
  }

  #add(
    shownId: string,
    nodeId: string | undefined,
    address: MeetAddress,
    lifetimeMs: number,
    delayMs: number,
  ): void {
    const [oldest] = this.#all.values();
    if (oldest !== undefined && this.count >= INTRODUCTIONS_MAX) this.drop(oldest);
    const introduction = new Introduction(shownId, nodeId, address, this.#dialer, (expired) =>
      this.drop(expired),
    );
    this.#all.set(shownId, introduction);
    this.#schedule.at(introduction.expiry, this.#host.nowMs + lifetimeMs);
    this.#dialer.start(introduction.dial, delayMs);
  }

  #inventId(): string {
    const words = Array.from({ length: ID_WORDS }, () => this.#host.randomWord());
    return words.map((word) => word.toString(16).padStart(8, "0")).join("");
  }
}
