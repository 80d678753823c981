/**
 * A table of messages in which every kind occurs, and every lane, for the tests of the wire format.
 *
 * The real table changes as the cluster learns things; these tests are about the format only.
 */
import { crc32 } from "node:zlib";
import { Channel } from "../../../src/cluster/wire/channel.ts";
import { Codec, type MessageIn, message } from "../../../src/cluster/wire/codec.ts";
import * as kinds from "../../../src/cluster/wire/kinds.ts";
import { fc } from "../../support/fast-check.ts";

const { bool, byte, natural, integer, float, text, bytes, nodeId, jobId } = kinds;
const { oneOf, optional, list, record } = kinds;

/** More than an outbox takes, for the tests of its limits. */
export const BODY_BYTES_MAX = 80 * 1024 * 1024;

/** Every kind, every lane. */
export const sampleTable = {
  everything: message(1, "bulk", {
    flag: bool,
    small: byte,
    count: natural,
    shift: integer,
    ratio: float,
    name: text(100),
    body: bytes(1000),
    node: nodeId,
    job: jobId,
    state: oneOf("up", "down", "unknown"),
    jobs: list(jobId, 10),
    peers: list(record({ node: nodeId, port: natural, zone: optional(text(20)) }), 10),
    note: optional(text(100)),
  }),
  beat: message(2, "urgent", { number: natural }),
  fact: message(3, "control", { number: natural, body: bytes(BODY_BYTES_MAX) }),
  copy: message(4, "bulk", { number: natural, body: bytes(BODY_BYTES_MAX) }),
};

/** The table's type. */
export type SampleTable = typeof sampleTable;
/** Any message of the table. */
export type Sample = MessageIn<SampleTable>;
/** Its codec. */
export const sampleCodec = new Codec(sampleTable);

/** Records whose prototype is that of object literals, as that of decoded messages. */
export function plainRecord<T>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }): fc.Arbitrary<T> {
  return fc.record<T, keyof T>(model, { noNullPrototype: true });
}

const SURROGATES_FIRST = 0xd800;
const SURROGATES = 0x800;
/** Any code point that may stand alone. The package's own ("binary") first makes a table of all million of them. */
const anyCharacter = fc.nat(0x10ffff - SURROGATES).map(
  (rank) => String.fromCodePoint(rank < SURROGATES_FIRST ? rank : rank + SURROGATES),
  (character) => {
    const code = typeof character === "string" ? (character.codePointAt(0) ?? 0) : 0;
    if (character !== String.fromCodePoint(code)) throw new Error("not one character");
    return code < SURROGATES_FIRST ? code : code - SURROGATES;
  },
);
/** Text of at most 80 bytes. */
export const anyText = fc.string({ unit: anyCharacter, maxLength: 20 });
/** 40 hexadecimal digits. */
export const anyNodeId = fc.string({
  unit: fc.constantFrom(..."0123456789abcdef"),
  minLength: 40,
  maxLength: 40,
});
/** Six words. */
export const anyJobId = fc.int32Array({ minLength: 6, maxLength: 6 });
/** At most 300 bytes. */
export const anyBody = fc.uint8Array({ maxLength: 300 }).map((values) => Buffer.from(values));

const anyEverything = plainRecord({
  type: fc.constant("everything" as const),
  flag: fc.boolean(),
  small: fc.nat(255),
  count: fc.maxSafeNat(),
  shift: fc.maxSafeInteger(),
  ratio: fc.double(),
  name: anyText,
  body: anyBody,
  node: anyNodeId,
  job: anyJobId,
  state: fc.constantFrom("up" as const, "down" as const, "unknown" as const),
  jobs: fc.array(anyJobId, { maxLength: 10 }),
  peers: fc.array(
    plainRecord({
      node: anyNodeId,
      port: fc.nat(65535),
      zone: fc.option(
        anyText.filter((zone) => zone.length < 6),
        { nil: undefined },
      ),
    }),
    { maxLength: 10 },
  ),
  note: fc.option(anyText, { nil: undefined }),
});

/** Any message of the table, with small bodies. */
export const anyMessage: fc.Arbitrary<Sample> = fc.oneof(
  anyEverything,
  plainRecord({ type: fc.constant("beat" as const), number: fc.maxSafeNat() }),
  plainRecord({ type: fc.constant("fact" as const), number: fc.maxSafeNat(), body: anyBody }),
  plainRecord({ type: fc.constant("copy" as const), number: fc.maxSafeNat(), body: anyBody }),
);

/** One end of a conversation that remembers what it was told. */
export class Listener {
  readonly channel: Channel<SampleTable>;
  readonly messages: Sample[] = [];
  /** Whether the peer's stream was new, for every link. */
  readonly openings: boolean[] = [];
  afterMessage: () => void = () => {};

  constructor(streamId: number, recordBytesMax?: number) {
    this.channel = new Channel(sampleCodec, {
      crc32,
      streamId,
      receiver: {
        opened: (isNewStream) => this.openings.push(isNewStream),
        received: (received) => {
          this.messages.push(received);
          this.afterMessage();
        },
      },
      ...(recordBytesMax === undefined ? {} : { recordBytesMax }),
    });
  }

  /** The numbers of the messages of one type that were received. */
  numbers(type: "beat" | "fact" | "copy"): number[] {
    const found: number[] = [];
    for (const received of this.messages) if (received.type === type) found.push(received.number);
    return found;
  }
}

/** All frames that a new link carries when these messages are sent over it. */
export function framesOf(messages: readonly Sample[]): Buffer {
  const { channel } = new Listener(1);
  channel.linkUp();
  for (const each of messages) channel.send(each);
  return Buffer.concat(channel.take(Number.POSITIVE_INFINITY));
}

/** A listener whose link has just come up. */
export function linkedListener(recordBytesMax?: number): Listener {
  const listener = new Listener(2, recordBytesMax);
  listener.channel.linkUp();
  return listener;
}

/** In the order in which they go into one helping of frames: urgent ones first. */
export function urgentFirst(messages: readonly Sample[]): Sample[] {
  const isUrgent = (each: Sample): boolean => each.type === "beat";
  return [...messages.filter(isUrgent), ...messages.filter((each) => !isUrgent(each))];
}

/** A message of the control lane. */
export function fact(number: number, bodyBytes = 0): Sample {
  return { type: "fact", number, body: Buffer.alloc(bodyBytes, number) };
}

/** A message of the bulk lane. */
export function copy(number: number, bodyBytes = 0): Sample {
  return { type: "copy", number, body: Buffer.alloc(bodyBytes, number) };
}

/** A message of the urgent lane. */
export function beat(number: number): Sample {
  return { type: "beat", number };
}
