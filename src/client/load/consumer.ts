/**
 * A consumer: takes jobs, and acknowledges them in the same write as its next request.
 *
 * The acknowledgement is put together from the bytes of the reply: in a job the id stands as
 * `$40\r\n<id>\r\n`, which is exactly its form as an argument of ACKJOB.
 */
import type { Socket } from "node:net";
import { type LoadedServer, openConnection } from "./connection.ts";
import { dialects, ID_BYTES, repeated } from "./dialect.ts";
import { Outbox } from "./outbox.ts";
import { type TakeEvents, TakeScanner } from "./take-scanner.ts";

const ARGUMENT_BYTES = `$${ID_BYTES}\r\n`.length + ID_BYTES + 2;

/** What one consumer does. */
export interface ConsumerOptions extends LoadedServer {
  readonly dialect: "disque" | "redis";
  readonly queue: string;
  readonly bodyBytes: number;
  readonly count: number;
  /** How long a take waits for the first job; 0 does not wait. */
  readonly waitMs: number;
  /** Takes in flight at the same time. */
  readonly inFlight: number;
  /** A take follows every reply: always, only when it held jobs, or only when asked with `take`. */
  readonly takeAgain: "always" | "after-jobs" | "never";
  /** So many jobs arrived; 0 when a take found nothing. */
  onJobs(count: number): void;
  /** So many jobs are done: acknowledged, or merely taken where nothing can be acknowledged. */
  onDone(count: number): void;
  onFailure(error: Error): void;
}

/** A running consumer. */
export interface Consumer {
  /** Sends one more take. */
  take(): void;
  close(): void;
}

/** Opens the connection of a consumer and sends its first requests. */
export async function startConsumer(options: ConsumerOptions): Promise<Consumer> {
  const dialect = dialects[options.dialect];
  const { queue, bodyBytes, count } = options;
  const take = dialect.take(queue, count, options.waitMs);
  const outbox = new Outbox();
  const acknowledge = acknowledger(options, outbox);

  const scanner = new TakeScanner(dialect, queue, bodyBytes, {
    onJobs(bytes, offset, jobs) {
      const again = jobs > 0 ? "after-jobs" : "always";
      if (jobs > 0) acknowledge(bytes, offset, jobs);
      if (options.takeAgain === "always" || options.takeAgain === again) outbox.append(take);
      options.onJobs(jobs);
    },
    onAcked: options.onDone,
  });
  const onBytes = (bytes: Buffer, length: number) => {
    scanner.feed(bytes, length);
    outbox.flush(socket);
  };
  const socket: Socket = await openConnection(options, onBytes, options.onFailure);
  if (options.inFlight > 0) socket.write(repeated(take, options.inFlight));
  return { take: () => socket.write(take), close: () => socket.destroy() };
}

/** Puts ACKJOB for jobs as they stand in a reply into the outbox. */
function acknowledger(options: ConsumerOptions, outbox: Outbox): TakeEvents["onJobs"] {
  const dialect = dialects[options.dialect];
  const jobBytes = dialect.jobBytes(options.queue, options.bodyBytes);
  const idOffset = dialect.idOffset(options.queue);
  if (idOffset === undefined) return (_bytes, _offset, jobs) => options.onDone(jobs);

  const headers = Array.from({ length: options.count + 1 }, (_, jobs) =>
    Buffer.from(`*${jobs + 1}\r\n$6\r\nACKJOB\r\n`),
  );
  return (bytes, offset, jobs) => {
    outbox.append(headers[jobs] ?? Buffer.alloc(0));
    for (let job = 0; job < jobs; job++) {
      const idAt = offset + job * jobBytes + idOffset;
      outbox.append(bytes, idAt, idAt + ARGUMENT_BYTES);
    }
  };
}
