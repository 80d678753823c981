/**
 * Deviations in how requests are read and connections are handled.
 *
 * The reference loses bytes, cuts text at NUL and shows passwords; nobody can rely on that.
 */
import {
  bulk,
  type Deviation,
  error,
  hangUp,
  hear,
  id,
  integer,
  list,
  ok,
  say,
  sayRaw,
  silence,
  status,
} from "./steps.ts";

const file = "12-quirks.json";
const notAnInteger = error("ERR value is not an integer or out of range");
const badCursor = error("ERR invalid cursor or option name");
const noAuth = error("NOAUTH Authentication required.");

/** Requests, numbers, names. */
export const protocolDeviations: Deviation[] = [
  {
    file,
    scenario: "inline line ended by LF alone",
    reason: "A bare LF ends a line; people type requests into nc.",
    steps: [sayRaw("PING\nPING two\n", status("PONG")), hear(bulk("two"))],
  },
  {
    file,
    scenario: "inline empty arguments are dropped",
    reason: "Empty arguments are arguments.",
    steps: [
      sayRaw('PING ""\r\n', bulk("")),
      sayRaw('CLIENT SETNAME ""\r\n', ok),
      sayRaw("ADDJOB q '' 0\r\n", id(1)),
      say("GETJOB FROM q", list(list(bulk("q"), bulk("<jobid:1>"), bulk("")))),
    ],
  },
  {
    file,
    scenario: "two bytes after a bulk string are not checked",
    reason: "A client that lost its place is told at once, before it does harm.",
    steps: [
      sayRaw(
        "*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n",
        error("ERR Protocol error: expected CRLF after bulk string"),
      ),
      hangUp(),
    ],
  },
  {
    file,
    scenario: "command name is cut at a NUL byte in the error",
    reason: "Text has a length and does not end at NUL; control characters are escaped.",
    steps: [
      say(["NO\0SUCH"], error("ERR unknown command 'NO\\x00SUCH'")),
      sayRaw("PING a\0b\r\n", bulk("a\0b")),
    ],
  },
  {
    file,
    scenario: "empty string is the number zero",
    reason: "An empty string is no number; it is a mistake of the client.",
    steps: [
      say(["ADDJOB", "q", "b", ""], error("ERR timeout is not an integer or out of range")),
      say(["QPEEK", "q", ""], notAnInteger),
      say(["QSCAN", ""], badCursor),
      say(["SLOWLOG", "GET", ""], notAnInteger),
      say(["ADDJOB", "q", "b", "0\x001"], error("ERR timeout is not an integer or out of range")),
    ],
  },
  {
    file,
    scenario: "negative cursor",
    reason: "A cursor comes from an earlier reply and is never negative.",
    steps: [say("QSCAN -1", badCursor), say("JSCAN -5", badCursor)],
  },
  {
    file,
    scenario: "client kill id without a value is an address",
    reason: "ID is a filter and lacks its value. ID 0 matches nobody instead of everybody.",
    steps: [
      say("CLIENT KILL ID", error("ERR syntax error")),
      say("PING", status("PONG"), { conn: "b" }),
      say("CLIENT KILL ID 0 SKIPME yes", integer(0)),
      say("PING", status("PONG"), { conn: "b" }),
    ],
  },
  {
    file,
    scenario: "second monitor gets no reply of its own",
    reason: "Every command is answered; a synchronous client would wait for ever.",
    steps: [
      say("MONITOR", ok, { conn: "m" }),
      say("MONITOR", status('<re:\\d+\\.\\d{6} \\[[0-9.]+:\\d+\\] "MONITOR">'), { conn: "m" }),
      hear(ok, { conn: "m" }),
      silence(undefined, { conn: "m" }),
    ],
  },
  {
    file,
    scenario: "passwords show up in monitor and slowlog",
    reason: "Passwords are shown to nobody.",
    steps: [
      say("MONITOR", ok, { conn: "m" }),
      say("AUTH hunter2", error("ERR Client sent AUTH, but no password is set")),
      hear(status('<re:\\d+\\.\\d{6} \\[[0-9.]+:\\d+\\] "AUTH" "\\(redacted\\)">'), { conn: "m" }),
      say("CONFIG SET slowlog-log-slower-than 0", ok),
      say("AUTH hunter2", error("ERR Client sent AUTH, but no password is set")),
      say("CONFIG SET slowlog-log-slower-than 10000", ok),
      say(
        "SLOWLOG GET 1",
        list(
          list(
            integer("<int>"),
            integer("<int>"),
            integer("<int>"),
            list(bulk("AUTH"), bulk("(redacted)")),
          ),
        ),
      ),
    ],
  },
  {
    file,
    scenario: "unknown commands and arity are reported before authentication",
    reason: "A stranger learns nothing, not even which commands exist.",
    steps: [
      say("CONFIG SET requirepass secret", ok),
      say("NOSUCH", noAuth, { conn: "b" }),
      say("ADDJOB", noAuth, { conn: "b" }),
    ],
  },
  {
    file,
    scenario: "password is compared up to the first NUL byte",
    reason: "The whole password counts.",
    steps: [
      say("CONFIG SET requirepass secret", ok),
      say(["AUTH", "secret\0junk"], error("ERR invalid password"), { conn: "b" }),
      say("PING", noAuth, { conn: "b" }),
      say("AUTH secret", ok, { conn: "c" }),
    ],
  },
];
