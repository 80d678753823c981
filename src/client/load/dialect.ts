/**
 * How to say "add a job", "take jobs" and "forget everything" to each kind of server.
 *
 * ringq speaks Disque's commands; Redis has lists, the yardstick everybody has at hand: LPUSH stands
 * beside ADDJOB and BLMPOP beside GETJOB. A list has no acknowledgement, no retry and no id, so Redis
 * does less work per job in every comparison; the report does not correct for that.
 */

/** The size of a Disque job id in bytes. */
export const ID_BYTES = 40;

/** The words of one kind of server, as ready-made request bytes. */
export interface Dialect {
  readonly name: "disque" | "redis";
  /** The command that adds a job, as redis-benchmark wants it. */
  addCommand(queue: string, body: string): string[];
  /** Replies to `add` are all of one size. */
  readonly isAddReplyFixed: boolean;
  /** Takes up to `count` jobs, waiting at most `waitMs` for the first one; 0 does not wait. */
  take(queue: string, count: number, waitMs: number): Buffer;
  /** What stands in a reply of `take` before the array of jobs. */
  takePrefix(queue: string): Buffer;
  /** One job in a reply of `take`. */
  jobBytes(queue: string, bodyBytes: number): number;
  /** Offset within a job of the `$40` header before its id; undefined without acknowledgements. */
  idOffset(queue: string): number | undefined;
  /** Forgets all jobs. */
  readonly flush: Buffer;
}

/** A RESP request with the given arguments. */
export function request(...args: readonly string[]): Buffer {
  const parts = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
  return Buffer.from(`*${args.length}\r\n${parts.join("")}`);
}

/** The same request many times, for one write. */
export function repeated(bytes: Buffer, times: number): Buffer {
  return Buffer.concat(Array.from({ length: times }, () => bytes));
}

function bulkBytes(bodyBytes: number): number {
  return `$${bodyBytes}\r\n`.length + bodyBytes + 2;
}

const disque: Dialect = {
  name: "disque",
  isAddReplyFixed: true,
  flush: request("DEBUG", "FLUSHALL"),
  addCommand: (queue, body) => ["ADDJOB", queue, body, "0"],
  take(queue, count, waitMs) {
    const wait = waitMs > 0 ? ["TIMEOUT", `${waitMs}`] : ["NOHANG"];
    return request("GETJOB", ...wait, "COUNT", `${count}`, "FROM", queue);
  },
  takePrefix: () => Buffer.alloc(0),
  jobBytes(queue, bodyBytes) {
    return "*3\r\n".length + bulkBytes(queue.length) + bulkBytes(ID_BYTES) + bulkBytes(bodyBytes);
  },
  idOffset: (queue) => "*3\r\n".length + bulkBytes(queue.length),
};

const redis: Dialect = {
  name: "redis",
  isAddReplyFixed: false,
  flush: request("FLUSHALL"),
  addCommand: (queue, body) => ["LPUSH", queue, body],
  take(queue, count, waitMs) {
    const command = waitMs > 0 ? ["BLMPOP", `${waitMs / 1000}`] : ["LMPOP"];
    return request(...command, "1", queue, "RIGHT", "COUNT", `${count}`);
  },
  takePrefix: (queue) => Buffer.from(`*2\r\n$${queue.length}\r\n${queue}\r\n`),
  jobBytes: (_queue, bodyBytes) => bulkBytes(bodyBytes),
  idOffset: () => undefined,
};

/** The dialects by name. */
export const dialects = { disque, redis } as const;
