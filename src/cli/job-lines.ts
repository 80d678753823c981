/**
 * A job as one line of JSON: what `ringq export` writes and `ringq import` reads.
 *
 *     {"queue":"mail","body":"hi","state":"queued","ttl":86390,"retry":60,"delay":0,"replicate":3,"id":"D-..."}
 *
 * `ttl` and `delay` are the seconds that were left. Names and bodies that are not UTF-8 stand in `queue64`
 * and `body64` as base64, so every byte survives. `id`, `state`, `created`, `nacks` and `deliveries` are for
 * people: an imported job is a new one.
 */
import { isUtf8 } from "node:buffer";
import { bytesOf, createdMs, numberOf, type Reply, textOf } from "../client/reply.ts";

/** What it takes to add a job. */
export interface JobLine {
  readonly queue: Buffer;
  readonly body: Buffer;
  /** Seconds. */
  readonly ttl: number;
  readonly retry: number;
  readonly delay: number;
  readonly replicate: number;
}

/** Seconds the server accepts: 136 years. */
const SECONDS_MAX = 4_294_967_295;
const REPLICATE_MAX = 65_535;

/**
 * The line for a job as SHOW describes it; `nowMs` is the server's clock. Undefined for jobs that must not be
 * added again: at most once, and out with a consumer.
 */
export function exportedLine(job: ReadonlyMap<string, Reply>, nowMs: number): string | undefined {
  const state = textOf(job.get("state"));
  const retry = numberOf(job.get("retry"));
  const delay = delayLeft(job, state, nowMs);
  if (retry === 0 && state === "active" && delay === 0) return undefined;
  return JSON.stringify({
    ...bytesIn("queue", bytesOf(job.get("queue"))),
    ...bytesIn("body", bytesOf(job.get("body"))),
    state,
    // 0: it has less than a second, which is no lifetime to add a job with.
    ttl: Math.max(1, numberOf(job.get("ttl"))),
    retry,
    delay,
    replicate: numberOf(job.get("repl")),
    id: textOf(job.get("id")),
    created: new Date(createdMs(job)).toISOString(),
    nacks: numberOf(job.get("nacks")),
    deliveries: numberOf(job.get("additional-deliveries")),
  });
}

/** Reads a line, or says in words what is wrong with it. */
export function parseJobLine(text: string): JobLine | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "not JSON";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return "not a JSON object";
  const fields = value as Record<string, unknown>;
  const queue = bytesFrom(fields, "queue");
  const body = bytesFrom(fields, "body");
  if (typeof queue === "string") return queue;
  if (typeof body === "string") return body;
  const ttl = numberFrom(fields, "ttl", 86_400, 1, SECONDS_MAX);
  const retry = numberFrom(fields, "retry", -1, 0, SECONDS_MAX);
  const delay = numberFrom(fields, "delay", 0, 0, SECONDS_MAX);
  const replicate = numberFrom(fields, "replicate", 0, 1, REPLICATE_MAX);
  for (const each of [ttl, retry, delay, replicate]) if (typeof each === "string") return each;
  return { queue, body, ttl, retry, delay, replicate } as JobLine;
}

/** Seconds until a delayed job is queued for the first time; 0 for all others. */
function delayLeft(job: ReadonlyMap<string, Reply>, state: string, nowMs: number): number {
  const delay = numberOf(job.get("delay"));
  if (state !== "active" || !(delay > 0)) return 0;
  return Math.max(0, Math.ceil((createdMs(job) + delay * 1000 - nowMs) / 1000));
}

function bytesIn(name: string, bytes: Buffer): Record<string, string> {
  if (isUtf8(bytes)) return { [name]: bytes.toString("utf8") };
  return { [`${name}64`]: bytes.toString("base64") };
}

function bytesFrom(fields: Readonly<Record<string, unknown>>, name: string): Buffer | string {
  const text = fields[name];
  const base64 = fields[`${name}64`];
  if (text !== undefined && base64 !== undefined) return `both ${name} and ${name}64`;
  if (typeof text === "string") return Buffer.from(text, "utf8");
  if (text !== undefined) return `${name} is not a string`;
  if (base64 === undefined) return `${name} is missing`;
  const isBase64 = typeof base64 === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(base64);
  return isBase64 && base64.length % 4 === 0
    ? Buffer.from(base64, "base64")
    : `${name}64 is not base64`;
}

/** The number, `absent` when there is none, or what is wrong with it. */
function numberFrom(
  fields: Readonly<Record<string, unknown>>,
  name: string,
  absent: number,
  min: number,
  max: number,
): number | string {
  const value = fields[name];
  if (value === undefined || value === null) return absent;
  const isGood =
    typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
  return isGood ? value : `${name} is not a whole number from ${min} to ${max}`;
}
