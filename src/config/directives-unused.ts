/**
 * Directives of the reference that ringq accepts, shows in CONFIG GET and otherwise ignores.
 *
 * Existing files and monitoring scripts have them; refusing them would break both. Setting one in a
 * file is reported in a warning, so that nobody believes it does something.
 */

import { rowsOf } from "./directive.ts";
import { integer, oneOf, text, yesNo } from "./kinds.ts";

const unused = rowsOf("Without effect");

/** Rows that only keep old files and tools working. */
export const unusedDirectives = [
  unused("maxmemory-samples", integer({ min: 1 }), {
    default: 5,
    position: 6,
    mutable: true,
    unused: true,
    invalid: "maxmemory-samples must be 1 or greater",
    help: "Eviction does not pick at random here, it knows the jobs it may drop.",
  }),
  unused("databases", integer({ min: 1 }), {
    default: 16,
    position: 15,
    rewrite: "never",
    unused: true,
    invalid: "Invalid number of databases",
    help: "There are queues, no numbered databases.",
  }),
  unused("watchdog-period", integer({ min: 0, unit: "milliseconds" }), {
    default: 0,
    position: 17,
    mutable: true,
    inFile: false,
    rewrite: "never",
    unused: true,
    help: "There is no watchdog. Can be set with CONFIG SET only.",
  }),
  unused("hz", integer({ min: 1, max: 500, clamp: true }), {
    default: 10,
    position: 18,
    mutable: true,
    unused: true,
    help: "Nothing is polled: every timer fires when it is due.",
  }),
  unused("activerehashing", yesNo(), {
    default: true,
    position: 23,
    mutable: true,
    unused: true,
    help: "Tables always grow in small steps.",
  }),
  unused("syslog-enabled", yesNo(), {
    default: false,
    unused: true,
    help: "ringq does not write to syslog; its service manager does, from standard output.",
  }),
  unused("syslog-ident", text({ maxBytes: 512 }), {
    default: "ringq",
    unused: true,
    help: "See syslog-enabled.",
  }),
  unused(
    "syslog-facility",
    oneOf(["local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7", "user"]),
    {
      default: "local0",
      position: 30,
      unused: true,
      invalid: "Invalid log facility. Must be one of USER or between LOCAL0-LOCAL7",
      help: "See syslog-enabled.",
    },
  ),
] as const;
