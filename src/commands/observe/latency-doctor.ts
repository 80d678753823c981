/**
 * LATENCY DOCTOR: the recorded delays explained to a person, and what to try.
 *
 * A table says which advice belongs to which kind of delay; the report lists the delays and then
 * each piece of advice once. It is text for people only: programs read LATENCY LATEST and HISTORY.
 */
import type { LatencyEvent, LatencyMonitor, LatencySample } from "./latency-monitor.ts";

/** What the doctor needs to know about the node. */
export interface Patient {
  readonly monitor: LatencyMonitor;
  readonly nowUnixSeconds: number;
  /** The directive `slowlog-log-slower-than`, microseconds; negative when the slow log is off. */
  readonly slowlogThresholdMicros: number;
}

type Advice = "slowlog" | "requests" | "host" | "due" | "memory" | "disk" | "fsync" | "rewrite";

const ADVICE: Readonly<Record<Advice, string>> = {
  slowlog:
    "SLOWLOG GET lists the slow commands themselves, with their arguments and how long each took.",
  requests:
    "One slow command delays every client. Page through QSCAN and JSCAN with COUNT instead of " +
    "BUSYLOOP, keep the COUNT of GETJOB and QPEEK moderate, and avoid DEBUG on a busy " +
    "node.",
  host:
    "Commands that do almost nothing were late, so the process itself was held up. Look for a " +
    "busy processor, time stolen by other virtual machines, swapping, and a heap close to its " +
    "limit (INFO memory).",
  due:
    "Many jobs came due in the same moment. Spread their DELAY and RETRY, or use more nodes and " +
    "queues, so that less falls together.",
  memory:
    "The node works at its memory limit and makes room again and again. Raise maxmemory, add " +
    "nodes, or acknowledge jobs faster.",
  disk:
    "Writing the log took long: the disk is slow or shared with something busy. Give the data " +
    "directory a disk of its own; network storage is rarely fast enough.",
  fsync:
    "With appendfsync always every turn waits for the disk. appendfsync everysec risks about one " +
    "second of records when the machine loses power, and none when only the process dies.",
  rewrite:
    "Delays that come with rewriting the log get rarer with a larger auto-aof-rewrite-percentage " +
    "or auto-aof-rewrite-min-size.",
};

const ADVICE_FOR: Readonly<Record<LatencyEvent, readonly Advice[]>> = {
  command: ["slowlog", "requests"],
  "fast-command": ["slowlog", "host"],
  "jobs-processing": ["due"],
  "eviction-cycle": ["memory"],
  fork: ["rewrite", "host"],
  "aof-write": ["disk"],
  "aof-write-pending-fsync": ["disk"],
  "aof-write-active-child": ["disk", "rewrite"],
  "aof-write-alone": ["disk"],
  "aof-fsync-always": ["fsync", "disk"],
  "aof-fstat": ["disk"],
  "aof-rewrite-diff-write": ["rewrite", "disk"],
  "aof-rename": ["rewrite", "disk"],
};

/** The report, lines ended by LF. */
export function latencyDoctor(patient: Patient): string {
  const { monitor } = patient;
  if (!monitor.isOn) {
    return (
      "The latency monitor is off, so there is nothing to examine.\n" +
      "Switch it on with CONFIG SET latency-monitor-threshold <milliseconds>: the shortest delay " +
      "that would bother your clients.\n"
    );
  }
  const events = monitor.latest();
  if (events.length === 0) {
    return `All is well: since the monitor began nothing took ${monitor.thresholdMs} ms or more.\n`;
  }
  const findings = events.map((row, index) => {
    const measured = describe(monitor.history(row.event));
    const ago = Math.max(patient.nowUnixSeconds - row.unixSeconds, 0);
    const extremes = `worst ever ${row.maxMs} ms, last ${ago} s ago`;
    return `${index + 1}. ${row.event}: ${measured}; ${extremes}.\n`;
  });
  const worstMs = Math.max(...events.map((row) => row.maxMs));
  const advice = adviceFor(events.map((row) => row.event));
  return [
    `Delays of ${monitor.thresholdMs} ms and more, by kind of work:\n\n`,
    ...findings,
    "\nWhat to try:\n\n",
    ...advice.map(
      (key) => `- ${ADVICE[key]}\n${key === "slowlog" ? slowlogNote(patient, worstMs) : ""}`,
    ),
  ].join("");
}

/** Number, size and rhythm of the samples (at least one, oldest first). */
function describe(samples: readonly LatencySample[]): string {
  const values = samples.map((sample) => sample.latencyMs);
  const average = mean(values);
  const deviation = mean(values.map((value) => Math.abs(value - average)));
  const count = `${samples.length} slow ${samples.length === 1 ? "second" : "seconds"}`;
  const size = `${Math.round(average)} ms on average (give or take ${Math.round(deviation)} ms)`;
  return `${count}, ${size}${rhythm(samples)}`;
}

/** How far apart the samples are, when there are several. */
function rhythm(samples: readonly LatencySample[]): string {
  const first = samples[0];
  const last = samples[samples.length - 1];
  if (first === undefined || last === undefined || samples.length < 2) return "";
  const periodSeconds = (last.unixSeconds - first.unixSeconds) / (samples.length - 1);
  // A clock set back leaves no rhythm to speak of.
  return periodSeconds > 0 ? `, one every ${periodSeconds.toFixed(1)} s` : "";
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The advice for these events, each piece once, in the order of the table above. */
function adviceFor(events: readonly string[]): Advice[] {
  const wanted = new Set<string>();
  for (const [event, advice] of Object.entries(ADVICE_FOR)) {
    if (events.includes(event)) for (const key of advice) wanted.add(key);
  }
  return (Object.keys(ADVICE) as Advice[]).filter((key) => wanted.has(key));
}

/** A slow log that would not have kept even the worst of these delays is of no help. */
function slowlogNote(patient: Patient, worstMs: number): string {
  const worstMicros = worstMs * 1000;
  const thresholdMicros = patient.slowlogThresholdMicros;
  if (thresholdMicros >= 0 && thresholdMicros <= worstMicros) return "";
  const state = thresholdMicros < 0 ? "off" : `set to ${thresholdMicros} us, above all of these`;
  const suggestion = patient.monitor.thresholdMs * 1000;
  return `  It is ${state} at present: CONFIG SET slowlog-log-slower-than ${suggestion}\n`;
}
