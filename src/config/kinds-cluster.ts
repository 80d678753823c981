/**
 * The kinds of value that only directives about other nodes have: secrets, seeds, the name of a zone.
 *
 * Seeds are checked for being addresses, not for existing: names may be resolved later, and nodes may
 * start later.
 */

import { type NodeAddress, parseNodeAddress, printNodeAddress } from "../util/node-address.ts";
import { type Kind, scalar } from "./kinds.ts";
import { quote, words } from "./text.ts";

const SECRETS_MAX = 2;
const SEEDS_MAX = 1024;
const ZONE_BYTES_MAX = 64;
const SECRET_BYTES_MAX = 512;

/** None, one, or two secrets while one is replaced by another. */
export function secrets(): Kind<readonly string[]> {
  return {
    syntax: `up to ${SECRETS_MAX} words of at most ${SECRET_BYTES_MAX} bytes, "" for none`,
    minArgs: 1,
    maxArgs: SECRETS_MAX,
    parse(args) {
      const given = args.flatMap(words);
      if (given.length > SECRETS_MAX) return { error: `there can be ${SECRETS_MAX} secrets` };
      if (given.some((word) => word.length > SECRET_BYTES_MAX)) {
        return { error: `a secret has at most ${SECRET_BYTES_MAX} bytes` };
      }
      return { value: given };
    },
    print: (value) => value.join(" "),
    write: (value) => (value.length === 0 ? '""' : value.map(quote).join(" ")),
  };
}

/** Addresses of nodes: `host:port`, or `host:port@bus-port`. */
export function nodeAddresses(): Kind<readonly NodeAddress[]> {
  return {
    syntax: `up to ${SEEDS_MAX} addresses host:port or host:port@bus-port, "" for none`,
    minArgs: 1,
    maxArgs: Number.POSITIVE_INFINITY,
    parse(args) {
      const given = args.flatMap(words);
      if (given.length > SEEDS_MAX) return { error: `there can be ${SEEDS_MAX} addresses` };
      const value: NodeAddress[] = [];
      for (const word of given) {
        const address = parseNodeAddress(word);
        if (address === undefined) return { error: "argument must be addresses host:port" };
        value.push(address);
      }
      return { value };
    },
    print: (value) => value.map(printNodeAddress).join(" "),
    write: (value) => (value.length === 0 ? '""' : value.map(printNodeAddress).join(" ")),
  };
}

/** The name of a rack, a room or a provider's zone. */
export function zone(): Kind<string> {
  return scalar<string>({
    syntax: `a word of at most ${ZONE_BYTES_MAX} printable bytes, "" for none`,
    read(given) {
      if (given.length <= ZONE_BYTES_MAX && /^[!-~]*$/.test(given)) return { value: given };
      return { error: `argument must be a word of at most ${ZONE_BYTES_MAX} printable bytes` };
    },
    print: (value) => value,
    write: quote,
  });
}
