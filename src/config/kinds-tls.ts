/**
 * The kinds of value that only directives about TLS have.
 *
 * Versions before 1.2 are no choice: they are not safe, and OpenSSL as it comes with Node.js refuses them.
 */
import type { Kind } from "./kinds.ts";
import { quote, words } from "./text.ts";

const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;

/** A version of TLS as Redis and Node.js write it. */
export type TlsVersion = (typeof VERSIONS)[number];

/** Versions of TLS, in any order and case; none means all. */
export function tlsProtocols(): Kind<readonly TlsVersion[]> {
  return {
    syntax: `${VERSIONS.join(", ")} or both, separated by blanks`,
    minArgs: 1,
    maxArgs: VERSIONS.length,
    parse(args) {
      const given = args.flatMap(words).map((word) => word.toLowerCase());
      const value = VERSIONS.filter((version) => given.includes(version.toLowerCase()));
      if (value.length === new Set(given).size) return { value };
      return { error: `argument must be ${VERSIONS.join(" or ")}: older versions are not safe` };
    },
    print: (value) => value.join(" "),
    write: (value) => quote(value.join(" ")),
  };
}
