/**
 * The kinds of value that only directives about connections have: addresses, socket permissions,
 * buffer limits.
 *
 * Addresses are checked for being words, not for existing: that shows when the server listens.
 */

import { parseSize, printSize } from "../util/bytes.ts";
import {
  COUNT_MAX,
  integer,
  type Kind,
  type Parsed,
  readInteger,
  scalar,
  WRONG_COUNT,
} from "./kinds.ts";
import { quote, words } from "./text.ts";

/** Octal bits of a unix socket: read, write, execute for user, group, others. */
const PERMISSIONS_MAX = 0o777;
const BIND_MAX = 16;
const HOST_BYTES_MAX = 255;

/** An address or a host name; never a blank, because it becomes a column of CLUSTER NODES. */
export function host(): Kind<string> {
  return scalar<string>({
    syntax: 'an address or a host name, "" for none',
    read(given) {
      if (given.length <= HOST_BYTES_MAX && /^[!-~]*$/.test(given)) return { value: given };
      return {
        error: `argument must be an address or a host name of at most ${HOST_BYTES_MAX} bytes`,
      };
    },
    print: (value) => value,
    write: quote,
  });
}

/** Addresses to listen on; none means all of the machine's. */
export function addresses(): Kind<readonly string[]> {
  return {
    syntax: `up to ${BIND_MAX} addresses separated by blanks`,
    minArgs: 1,
    maxArgs: Number.POSITIVE_INFINITY,
    parse(args) {
      const value = args.flatMap(words);
      if (value.length > BIND_MAX) return { error: "Too many bind addresses specified" };
      if (value.every((address) => address.length <= HOST_BYTES_MAX && /^[!-~]+$/.test(address)))
        return { value };
      return { error: "argument must be addresses separated by blanks" };
    },
    print: (value) => value.join(" "),
    write: (value) => (value.length === 0 ? '""' : value.map(quoteIfNeeded).join(" ")),
  };
}

/** Value of a port that is to be any free one. */
export const ANY_PORT = -1;
const PORT_MAX = 65_535;

/** A TCP port, 0 for none, or the word any. */
export function portOrAny(): Kind<number> {
  const port = integer({ min: 0, max: PORT_MAX });
  return scalar<number>({
    syntax: `a port from 0 to ${PORT_MAX}, or any`,
    read: (given) => (given.toLowerCase() === "any" ? { value: ANY_PORT } : port.parse([given], 0)),
    print: (value) => (value === ANY_PORT ? "any" : String(value)),
  });
}

/** Octal file permissions, 0 for the system's default. */
export function permissions(): Kind<number> {
  return scalar<number>({
    syntax: "octal permissions up to 777",
    read(given) {
      const value = /^[0-7]{1,4}$/.test(given) ? Number.parseInt(given, 8) : PERMISSIONS_MAX + 1;
      return value <= PERMISSIONS_MAX ? { value } : { error: "Invalid socket file permissions" };
    },
    print: (value) => value.toString(8),
  });
}

/**
 * Seconds between TCP keep-alive probes. The reference's `no` and `yes` are 0 and 1, and are shown
 * so.
 */
export function keepalive(): Kind<number> {
  const seconds = integer({ min: 0, max: COUNT_MAX, unit: "seconds" });
  return scalar<number>({
    syntax: "a number of seconds, no (0) or yes (1)",
    read(given) {
      const word = given.toLowerCase();
      if (word === "yes" || word === "no") return { value: word === "yes" ? 1 : 0 };
      return seconds.parse([given], 0);
    },
    print: (value) => ["no", "yes"][value] ?? String(value),
    write: String,
  });
}

/**
 * What may wait unsent for one client: more than `hardBytes`, or `softBytes` for `softSeconds`,
 * closes it. 0 is no limit.
 */
export interface OutputBufferLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

/**
 * `normal <hard> <soft> <soft seconds>`, the class of all clients. No class at all changes nothing.
 */
export function outputBufferLimit(): Kind<OutputBufferLimit> {
  return {
    syntax: "normal <hard limit> <soft limit> <soft seconds>",
    minArgs: 1,
    maxArgs: 4,
    parse(args, current) {
      const given = args.flatMap(words);
      if (given.length % 4 !== 0) return { error: WRONG_COUNT };
      let value = current;
      for (let at = 0; at < given.length; at += 4) {
        const parsed = readLimit(given.slice(at, at + 4));
        if ("error" in parsed) return parsed;
        value = parsed.value;
      }
      return { value };
    },
    print: (limit) => `normal ${limit.hardBytes} ${limit.softBytes} ${limit.softSeconds}`,
    write: (limit) =>
      `normal ${printSize(limit.hardBytes)} ${printSize(limit.softBytes)} ${limit.softSeconds}`,
  };
}

function readLimit(given: readonly string[]): Parsed<OutputBufferLimit> {
  const [group = "", hard = "", soft = "", seconds = ""] = given;
  if (group.toLowerCase() !== "normal") return { error: "Unrecognized client limit class" };
  const hardBytes = parseSize(hard);
  const softBytes = parseSize(soft);
  const softSeconds = readInteger(seconds);
  if (hardBytes === undefined || softBytes === undefined)
    return { error: "Invalid size of a client limit" };
  if (softSeconds === undefined || softSeconds < 0 || softSeconds > COUNT_MAX) {
    return { error: "Negative number of seconds in soft limit is invalid" };
  }
  return { value: { hardBytes, softBytes, softSeconds } };
}

/** Addresses are bare words unless they contain a quote. */
function quoteIfNeeded(word: string): string {
  return /["'\\]/.test(word) ? quote(word) : word;
}
