/**
 * How much the bus carries, in messages and bytes, by type of message and direction.
 *
 * Records are counted where they are encoded and decoded. So a message counts as sent when it is
 * queued, and once even if it has to be sent again; one that was received twice counts once too. Bytes
 * of the connections, with all that is around records, are counted apart.
 */
import { Codec, type MessageIn, type MessageTable } from "../../cluster/wire/codec.ts";
import type { WireReader } from "../../cluster/wire/wire-reader.ts";
import type { WireWriter } from "../../cluster/wire/wire-writer.ts";

/** Counters of one type of message. */
export interface TypeCounters {
  sentMessages: number;
  sentBytes: number;
  receivedMessages: number;
  receivedBytes: number;
}

/** Counters of one bus since its start. */
export class BusStatistics {
  /** Types that were seen. */
  readonly byType = new Map<string, TypeCounters>();
  /** Everything written to links and read from them, frames included, handshakes not. */
  linkBytesSent = 0;
  linkBytesReceived = 0;
  linksOpened = 0;
  /** Handshakes that ended in a refusal an operator should know of, here or there. */
  connectionsRefused = 0;

  /** A message of that type was encoded. */
  sent(type: string, bytes: number): void {
    const counters = this.#of(type);
    counters.sentMessages++;
    counters.sentBytes += bytes;
  }

  /** A message of that type was decoded. */
  received(type: string, bytes: number): void {
    const counters = this.#of(type);
    counters.receivedMessages++;
    counters.receivedBytes += bytes;
  }

  /** Counters of a type; undefined when none was seen. */
  ofType(type: string): TypeCounters | undefined {
    return this.byType.get(type);
  }

  #of(type: string): TypeCounters {
    let counters = this.byType.get(type);
    if (counters === undefined) {
      counters = { sentMessages: 0, sentBytes: 0, receivedMessages: 0, receivedBytes: 0 };
      this.byType.set(type, counters);
    }
    return counters;
  }
}

/** A codec that counts what passes through it. */
export class MeasuringCodec<Table extends MessageTable> extends Codec<Table> {
  readonly #statistics: BusStatistics;

  constructor(table: Table, statistics: BusStatistics) {
    super(table);
    this.#statistics = statistics;
  }

  override encode(writer: WireWriter, message: MessageIn<Table>): void {
    const before = writer.length;
    super.encode(writer, message);
    this.#statistics.sent(message.type, writer.length - before);
  }

  override decode(reader: WireReader): MessageIn<Table> | undefined {
    const before = reader.position;
    const message = super.decode(reader);
    if (message !== undefined) this.#statistics.received(message.type, reader.position - before);
    return message;
  }
}
