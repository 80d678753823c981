/**
 * Append-only files as Disque 1.0 writes them, made from the description of the format alone.
 *
 * It shares no code with what reads them in src/, so that a mistake would have to be made twice to go
 * unnoticed. Anything can be written, what no server would write included.
 */

/** A job as it goes into LOADJOB; what is left out has an ordinary value. */
export interface WrittenJob {
  readonly id: string;
  readonly queue?: string;
  readonly body?: string | Buffer;
  /** 0 wait-repl, 1 active, 2 queued, 3 acked. */
  readonly state?: number;
  /** High half of the state byte. */
  readonly gcAttempts?: number;
  /** 1 requeued, 2 announced, 4 delivered. */
  readonly flags?: number;
  readonly replicate?: number;
  /** End of life, unix time in seconds. */
  readonly etime?: number;
  /** Creation, wall clock ms, and the counter among jobs of that ms. */
  readonly createdMs?: number;
  readonly counter?: number;
  readonly delay?: number;
  readonly retry?: number;
  readonly nacks?: number;
  readonly additional?: number;
  readonly nodes?: readonly string[];
}

/** 2026-01-01, as in fake-host.ts: when written jobs were created. */
export const WRITTEN_MS = 1_767_225_600_000;
const DAY_SECONDS = 86_400;

/** An id as the reference makes it; the same number gives the same id. */
export function writtenId(number: number, retry = 300): string {
  const middle = Buffer.from(`job number ${number}`.padEnd(18, ".")).toString("base64");
  return `D-dcb833cf-${middle}-${retry > 0 ? "05a1" : "05a0"}`;
}

/** The serialized job. */
export function serializedJob(job: WrittenJob): Buffer {
  const queue = Buffer.from(job.queue ?? "q");
  const body = Buffer.from(job.body ?? "body");
  const nodes = job.nodes ?? [];
  const fixed = Buffer.alloc(68);
  fixed.write(job.id.padEnd(40), 0, 40, "latin1");
  fixed.writeUInt8(((job.gcAttempts ?? 0) << 4) | (job.state ?? 2), 40);
  fixed.writeUInt8(job.flags ?? 0, 41);
  fixed.writeUInt16LE(job.replicate ?? 1, 42);
  fixed.writeUInt32LE(job.etime ?? WRITTEN_MS / 1000 + DAY_SECONDS, 44);
  const created = BigInt(job.createdMs ?? WRITTEN_MS) * 1_000_000n + BigInt(job.counter ?? 0);
  fixed.writeBigUInt64LE(created, 48);
  fixed.writeUInt32LE(job.delay ?? 0, 56);
  fixed.writeUInt32LE(job.retry ?? 300, 60);
  fixed.writeUInt16LE(job.nacks ?? 0, 64);
  fixed.writeUInt16LE(job.additional ?? 0, 66);
  const rest = Buffer.concat([
    fixed,
    uint32(queue.length),
    queue,
    uint32(body.length),
    body,
    uint32(nodes.length),
    Buffer.from(nodes.join(""), "latin1"),
  ]);
  return Buffer.concat([uint32(rest.length), rest]);
}

/** The record of any command. */
export function record(...args: (string | Buffer)[]): Buffer {
  const parts = args.flatMap((arg) => {
    const bytes = Buffer.from(arg);
    return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n")];
  });
  return Buffer.concat([Buffer.from(`*${args.length}\r\n`), ...parts]);
}

/** LOADJOB. */
export function loadJob(job: WrittenJob): Buffer {
  return record("LOADJOB", serializedJob(job));
}

/** DELJOB. */
export function delJob(id: string): Buffer {
  return record("DELJOB", id);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
