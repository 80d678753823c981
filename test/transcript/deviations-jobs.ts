/**
 * Deviations in what happens to jobs.
 *
 * The reference loses at-most-once jobs, wraps large times around and lets a lease run out while
 * the job still waits; these are the promises a queue is used for.
 */
import {
  bulk,
  type Deviation,
  error,
  hear,
  id,
  integer,
  job,
  list,
  noJob,
  say,
  sayRaw,
  shown,
  silence,
  status,
} from "./steps.ts";

const file = "12-quirks.json";
const outOfRange = error("ERR value is not an integer or out of range");

/** Times, leases, pauses, counters. */
export const jobDeviations: Deviation[] = [
  {
    file,
    scenario: "ttl is kept modulo 2^32 seconds",
    reason: "A time that cannot be kept is refused instead of wrapped around.",
    steps: [
      say("ADDJOB q b 0 TTL 4294967396", outOfRange),
      say("ADDJOB q b 0 TTL 4294967296", outOfRange),
      say("ADDJOB q b 0 TTL 4294967295", id(1), { jobid_ttl: "ffff" }),
      say(
        "SHOW <jobid:1>",
        shown(1, {
          state: "queued",
          ttl: "<int:4294967291..4294967295>",
          retry: 300,
          requeue: "<int:298318..300518>",
          awake: "<int:0..300518>",
        }),
      ),
    ],
  },
  {
    file,
    scenario: "retry is kept modulo 2^32 and multiplied in 32 bits",
    reason: "Milliseconds are counted in 53 bits; what is larger is refused.",
    steps: [
      say("ADDJOB q b 0 TTL 40000000 RETRY 4294968", id(1), { jobid_ttl: "ffff" }),
      say(
        "SHOW <jobid:1>",
        shown(1, {
          state: "queued",
          ttl: "<int:39999996..40000001>",
          retry: 4294968,
          requeue: "<int:4294960000..4294968500>",
          awake: "<int:0..4294968500>",
        }),
      ),
      say("ADDJOB q b 0 RETRY 4294967296", outOfRange),
      say("ADDJOB q b 0 DELAY 4294967296 TTL 4294967295", outOfRange),
      say("QLEN q", integer(1)),
    ],
  },
  {
    file,
    scenario: "dequeue or working of an undelivered at most once job loses it",
    reason: "A job that was never delivered can always be queued again.",
    steps: [
      say("ADDJOB q a 0 RETRY 0", id(1), { jobid_ttl: "05a0" }),
      say("DEQUEUE <jobid:1>", integer(1)),
      say("QLEN q", integer(0)),
      say("ENQUEUE <jobid:1>", integer(1)),
      say("ADDJOB q b 0 RETRY 0", id(2), { jobid_ttl: "05a0" }),
      say("WORKING <jobid:2>", integer(0)),
      say("QLEN q", integer(2)),
      say("ENQUEUE <jobid:2>", integer(0)),
      say("GETJOB NOHANG COUNT 3 FROM q", list(job("q", 1, "a"), job("q", 2, "b"))),
      say("ENQUEUE <jobid:1> <jobid:2>", integer(0)),
      say("GETJOB NOHANG FROM q", noJob),
    ],
  },
  {
    file,
    scenario: "working shortens a delay",
    reason: "WORKING postpones and never brings a job forward.",
    steps: [
      say("ADDJOB q b 0 DELAY 1000 RETRY 5", id(1), { jobid_ttl: "05a1" }),
      say("WORKING <jobid:1>", integer(5)),
      say(
        "SHOW <jobid:1>",
        shown(1, {
          state: "active",
          ttl: "<int:86396..86401>",
          delay: 1000,
          retry: 5,
          requeue: "<int:995000..1000600>",
          awake: "<int:994000..1000600>",
        }),
      ),
    ],
  },
  {
    file,
    scenario: "the retry timer keeps running while the job waits in the queue",
    reason: "The lease starts at delivery, so that a consumer always has the whole time.",
    steps: [
      say("ADDJOB q b 0 RETRY 2", id(1), { jobid_ttl: "05a1" }),
      say("GETJOB FROM q", list(job("q", 1, "b")), { sleep_ms: 1500 }),
      say(
        "GETJOB WITHCOUNTERS TIMEOUT 4000 FROM q",
        list(job("q", 1, "b", { nacks: 0, additionalDeliveries: 1 })),
        { min_ms: 1400, max_ms: 2700 },
      ),
    ],
  },
  {
    file,
    scenario: "first enqueue after a nack of a delayed job is not counted",
    reason: "Every delivery after the first is counted, however the job came to be queued.",
    steps: [
      say("ADDJOB q b 0 DELAY 100", id(1), { jobid_ttl: "05a1" }),
      say("NACK <jobid:1>", integer(1)),
      say("GETJOB WITHCOUNTERS FROM q", counted(1, 0)),
      say("ENQUEUE <jobid:1>", integer(1)),
      say("GETJOB WITHCOUNTERS FROM q", counted(1, 1)),
      say("ENQUEUE <jobid:1>", integer(1)),
      say("GETJOB WITHCOUNTERS FROM q", counted(1, 2)),
    ],
  },
  {
    file,
    scenario: "nack and enqueue ignore a pause in input",
    reason: "A queue paused in input takes nothing: the job waits until the pause ends.",
    steps: [
      say("ADDJOB q b 0", id(1), { jobid_ttl: "05a1" }),
      say("GETJOB FROM q", list(job("q", 1, "b"))),
      say("PAUSE q in", status("in")),
      say("NACK <jobid:1>", integer(1)),
      say("QLEN q", integer(0)),
      say("JSCAN BUSYLOOP STATE active", list(bulk("0"), list(status("<jobid:1>")))),
      say("PAUSE q none", status("none")),
      say("GETJOB WITHCOUNTERS FROM q", counted(1, 0)),
    ],
  },
  {
    file,
    scenario: "deferred at most once job is queued on a queue paused in input",
    reason: "A queue paused in input takes nothing: a due job waits until the pause ends.",
    steps: [
      say("ADDJOB q b 0 RETRY 0 DELAY 1", id(1), { jobid_ttl: "05a0" }),
      say("PAUSE q in", status("in")),
      say("QLEN q", integer(0), { sleep_ms: 1400 }),
      say("PAUSE q none", status("none")),
      say("GETJOB TIMEOUT 1000 FROM q", list(job("q", 1, "b"))),
    ],
  },
  {
    file,
    scenario: "count is ignored for a client that had to wait",
    reason: "COUNT holds after waiting too: what is there at the end of the turn is handed out.",
    steps: [
      silence("GETJOB COUNT 3 FROM q", { conn: "b" }),
      sayRaw("ADDJOB q 1 0\r\nADDJOB q 2 0\r\n", id(1)),
      hear(id(2)),
      hear(list(job("q", 1, "1"), job("q", 2, "2")), { conn: "b" }),
      say("QLEN q", integer(0)),
    ],
  },
];

/** The reply with the job of most scenarios here, and its counters. */
function counted(nacks: number, additionalDeliveries: number): ReturnType<typeof list> {
  return list(job("q", 1, "b", { nacks, additionalDeliveries }));
}
