/**
 * Deviations in settings: one table serves the file, the command line and CONFIG GET and SET.
 *
 * The reference takes some values in the file only, and some settings cannot be read at all.
 */
import { bulk, type Deviation, id, integer, list, ok, say } from "./steps.ts";

const file = "12-quirks.json";

/** CONFIG GET and SET. */
export const settingDeviations: Deviation[] = [
  {
    file,
    scenario: "sizes with units are refused at run time",
    reason: "Units work wherever a size is given.",
    steps: [
      say("CONFIG SET auto-aof-rewrite-min-size 1mb", ok),
      get("auto-aof-rewrite-min-size", "1048576"),
      say("CONFIG SET auto-aof-rewrite-min-size 67108864", ok),
      say(["CONFIG", "SET", "client-output-buffer-limit", "normal 1mb 0 0"], ok),
      get("client-output-buffer-limit", "normal 1048576 0 0"),
      say(["CONFIG", "SET", "client-output-buffer-limit", "normal 0 0 0"], ok),
    ],
  },
  {
    file,
    scenario: "file names can not be read",
    reason: "Every directive can be read.",
    steps: [get("appendfilename", "disque.aof"), get("cluster-config-file", "nodes.conf")],
  },
  {
    file,
    scenario: "maxmemory 0 means always out of memory",
    reason: "0 means no limit, as in Redis.",
    steps: [
      say("CONFIG SET maxmemory 0", ok),
      say("ADDJOB q b 0", id(1)),
      say("ENQUEUE", integer(0)),
    ],
  },
  {
    file,
    scenario: "config set keepalive takes no seconds",
    reason: "Seconds work in the file and in CONFIG SET; no and yes still do.",
    steps: [
      say("CONFIG SET tcp-keepalive 60", ok),
      get("tcp-keepalive", "60"),
      say("CONFIG SET tcp-keepalive yes", ok),
      get("tcp-keepalive", "yes"),
      say("CONFIG SET tcp-keepalive 0", ok),
      get("tcp-keepalive", "no"),
    ],
  },
  {
    file,
    scenario: "no-appendfsync-on-rewrite can not be set",
    reason: "What can be read can be set, unless it would need a restart.",
    steps: [
      get("no-appendfsync-on-rewrite", "no"),
      say("CONFIG SET no-appendfsync-on-rewrite yes", ok),
      get("no-appendfsync-on-rewrite", "yes"),
      say("CONFIG SET no-appendfsync-on-rewrite no", ok),
    ],
  },
  {
    file,
    scenario: "slowlog can not be disabled at run time",
    reason: "A negative value switches the slow log off, in the file and at run time.",
    steps: [
      say("CONFIG SET slowlog-log-slower-than -1", ok),
      get("slowlog-log-slower-than", "-1"),
      say("PING hello", bulk("hello")),
      say("SLOWLOG LEN", integer(0)),
      say("CONFIG SET slowlog-log-slower-than 10000", ok),
    ],
  },
];

function get(name: string, value: string): ReturnType<typeof say> {
  return say(`CONFIG GET ${name}`, list(bulk(name), bulk(value)));
}
