/**
 * Where a server spent its time: the functions with the largest self time in a V8 CPU profile.
 *
 * Self time only: in a loop of small functions the question is which of them to make cheaper, and
 * the whole profile can be opened in any browser's developer tools.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** The part of V8's .cpuprofile format that is needed here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/**
 * Time in which no code of ours or Node's ran: waiting, and also reading from sockets, because V8
 * calls everything inside the poll of the event loop idle.
 */
const IDLE = new Set(["(idle)", "(root)"]);

/** Self time of a function or of a file. */
export interface SelfTime {
  readonly name: string;
  /** Of the time the process was not idle. */
  readonly percent: number;
}

/** Where the time of a profile went. */
export interface ProfileSummary {
  /** Waiting and reading, of all time. */
  readonly idlePercent: number;
  /** Largest first. */
  readonly functions: readonly SelfTime[];
  /** Largest first; functions without a file, such as garbage collection, stand for themselves. */
  readonly files: readonly SelfTime[];
}

/** Adds up the samples of a profile. */
export function summarize(profile: CpuProfile): ProfileSummary {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, number>();
  const files = new Map<string, number>();
  let idle = 0;
  let busy = 0;
  profile.samples.forEach((id, sample) => {
    const micros = profile.timeDeltas[sample] ?? 0;
    const { functionName = "", url = "", lineNumber = 0 } = frames.get(id) ?? {};
    if (IDLE.has(functionName)) {
      idle += micros;
      return;
    }
    busy += micros;
    const file = url ? basename(url) : functionName;
    const place = url ? ` ${file}:${lineNumber + 1}` : "";
    const name = `${functionName || "(anonymous)"}${place}`;
    functions.set(name, (functions.get(name) ?? 0) + micros);
    files.set(file, (files.get(file) ?? 0) + micros);
  });
  return {
    idlePercent: (100 * idle) / (idle + busy),
    functions: sorted(functions, busy),
    files: sorted(files, busy),
  };
}

function sorted(micros: ReadonlyMap<string, number>, total: number): SelfTime[] {
  return [...micros]
    .map(([name, self]) => ({ name, percent: (100 * self) / total }))
    .sort((a, b) => b.percent - a.percent);
}

/** The top of a profile file as text: functions and files side by side. */
export function profileText(path: string, count: number): string {
  const profile = JSON.parse(readFileSync(path, "utf8")) as CpuProfile;
  const { idlePercent, functions, files } = summarize(profile);
  const cell = (entry: SelfTime | undefined) =>
    entry ? `${entry.percent.toFixed(1).padStart(5)} %  ${entry.name}` : "";
  const lines = Array.from(
    { length: count },
    (_, row) => `${cell(functions[row]).padEnd(56)} ${cell(files[row])}`,
  );
  return [`  waiting or reading: ${idlePercent.toFixed(1)} % of all time`, ...lines].join("\n");
}
