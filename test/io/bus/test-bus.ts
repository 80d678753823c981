/**
 * A bus on a free port of this machine, with a few messages of its own and a turn that only flushes.
 *
 * Everything it tells its node is written down in `story`, one line each, so that a test can say what
 * is to have happened; `until` waits for such a line.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type MessageIn, message } from "../../../src/cluster/wire/codec.ts";
import { bytes, natural, text } from "../../../src/cluster/wire/kinds.ts";
import { Bus } from "../../../src/io/bus/bus.ts";
import type { BusAddress, BusEvents, DialFailure, Link } from "../../../src/io/bus/bus-events.ts";
import type { BusDefaults } from "../../../src/io/bus/bus-options.ts";
import { ClusterSecrets } from "../../../src/io/bus/secrets.ts";
import type { Logger } from "../../../src/io/logger.ts";
import { atEnd } from "../../support/cleanup.ts";
import { eventually } from "../../support/eventually.ts";
import { FakePromises } from "../../support/fake-promises.ts";

const MEGABYTE = 1024 * 1024;

/** One message for each lane. */
export const testTable = {
  beat: message(1, "urgent", { at: natural }),
  note: message(2, "control", { text: text(1000) }),
  load: message(3, "bulk", { body: bytes(8 * MEGABYTE) }),
};

/** A message of these tests. */
export type TestMessage = MessageIn<typeof testTable>;

/** What is not ordinary about a bus. */
export interface TestBusOptions extends Partial<BusDefaults> {
  readonly secrets?: readonly string[];
  readonly isProtected?: boolean;
  readonly incarnation?: number;
  /** Binds to another address of this machine than 127.0.0.1. */
  readonly host?: string;
}

/** A node id that is this digit 40 times: easy to compare. */
export function idOf(digit: string): string {
  return digit.repeat(40);
}

/** A bus, and what it has told. */
export class TestBus implements BusEvents<TestMessage> {
  readonly bus: Bus<typeof testTable>;
  /** "up 2", "got hello", "down 2 lost", "dial failed wrong-id", ... */
  readonly story: string[] = [];
  /** Messages of the log with their data. */
  readonly lines: { readonly message: string; readonly reason: unknown }[] = [];
  readonly failures: DialFailure[] = [];
  /** Called in place of writing a message down. */
  onMessage: ((received: TestMessage, link: Link) => void) | undefined;
  secrets: ClusterSecrets;
  /** What the disk has; everything, unless a test says otherwise. */
  readonly promises = new FakePromises();
  nowMs = 0;
  port = 0;
  /** Messages of a turn stay where they are. */
  isHeld = false;
  #isScheduled = false;

  /** Listens already; stops when the test ends. */
  static async start(
    t: TestContext,
    digit: string,
    options: TestBusOptions = {},
  ): Promise<TestBus> {
    const bus = new TestBus(digit, options);
    bus.port = await bus.bus.start({ addresses: [options.host ?? "127.0.0.1"], port: 0 });
    atEnd(t, () => bus.bus.stop());
    return bus;
  }

  private constructor(digit: string, options: TestBusOptions) {
    const { secrets = [], isProtected = true, incarnation = 1, host: _, ...defaults } = options;
    this.secrets = new ClusterSecrets(secrets);
    this.bus = new Bus({
      identity: { nodeId: idOf(digit), incarnation },
      table: testTable,
      events: this,
      log: this.#logger(),
      clock: this,
      touch: () => this.#touch(),
      access: () => ({ secrets: this.secrets, isProtected }),
      ...defaults,
    });
  }

  get address(): BusAddress {
    return { host: "127.0.0.1", port: this.port };
  }

  /** Its links, by the digit of the peer. */
  get peers(): string[] {
    return [...this.bus.links].map(({ facts }) => facts.remoteId.slice(0, 1)).sort();
  }

  /** The link with that peer, which must be there. */
  linkWith(digit: string): Link {
    const link = this.bus.linkWith(idOf(digit));
    assert.ok(link, `there is a link with ${digit}`);
    return link;
  }

  /** Sends to that peer. */
  send(digit: string, sent: TestMessage): boolean {
    return this.bus.send(this.linkWith(digit).facts.linkId, sent);
  }

  /** Sends a control message to that peer. */
  note(digit: string, words: string): boolean {
    return this.send(digit, { type: "note", text: words });
  }

  /** Waits until this has been told. */
  async until(line: string): Promise<void> {
    await eventually(() => this.story.includes(line), {
      what: `"${line}" in ${JSON.stringify(this.story)}`,
    });
  }

  /** Dials, and waits until both sides have the link. */
  async join(other: TestBus): Promise<void> {
    this.bus.dial(other.address);
    await eventually(() => this.peers.length > 0 && other.peers.length > 0, {
      what: `a link (${this.story}; ${other.story})`,
    });
  }

  /** Dials, and waits until that has failed. Returns why. */
  async dialInVain(address: BusAddress, expectedId?: string): Promise<DialFailure> {
    const before = this.failures.length;
    this.bus.dial(address, expectedId);
    await eventually(() => this.failures.length > before, { what: "the dial fails" });
    return this.failures[before] as DialFailure;
  }

  linkUp({ facts }: Link): void {
    this.story.push(`up ${facts.remoteId[0]}`);
  }

  opened({ facts }: Link, isNewStream: boolean): void {
    this.story.push(`${isNewStream ? "new" : "old"} stream ${facts.remoteId[0]}`);
  }

  received(link: Link, received: TestMessage): void {
    if (this.onMessage !== undefined) this.onMessage(received, link);
    else this.story.push(`got ${received.type === "note" ? received.text : received.type}`);
  }

  linkDown({ facts }: Link, end: string): void {
    this.story.push(`down ${facts.remoteId[0]} ${end}`);
  }

  congestionChanged({ isCongested }: Link): void {
    this.story.push(isCongested ? "congested" : "relieved");
  }

  streamBroken(remoteId: string): void {
    this.story.push(`stream to ${remoteId[0]} broken`);
  }

  dialFailed(_address: BusAddress, failure: DialFailure): void {
    this.failures.push(failure);
    this.story.push(`dial failed ${failure.reason}`);
  }

  /** Resolves when the turn that goes on now is over. */
  async turn(): Promise<void> {
    for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Ends a turn that was held. */
  release(): void {
    this.isHeld = false;
    this.#touch();
  }

  #touch(): void {
    if (this.#isScheduled || this.isHeld) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.isHeld) this.bus.flush(this.promises);
    });
  }

  #logger(): Logger {
    const write = (words: string, data: Readonly<Record<string, unknown>> = {}): void => {
      this.lines.push({ message: words, reason: data.reason });
    };
    return { debug: write, verbose: write, notice: write, warning: write, fatal: write };
  }
}
