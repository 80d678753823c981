/**
 * Transcripts: recorded conversations between clients and a server, as data.
 *
 * A file is a list of scenarios, a scenario a list of steps; each step waits, sends and then checks
 * what comes back. The recordings were made with antirez/disque 1.0-rc1, whose behaviour clients in
 * the field rely on. Where ringq answers differently on purpose, deviations.ts says so and why.
 *
 * Strings stand for bytes, one code point per byte. Expected replies, and what is sent, may hold
 * placeholders in angle brackets; match.ts knows them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { repositoryRoot } from "../support/repository-files.ts";

/** A reply as it must be: a type byte and a value or a pattern for it. */
export interface ExpectedReply {
  t: string;
  v: string | number | ExpectedReply[];
  /** The items may come in any order. */
  unordered?: boolean;
}

/** One thing that happens in a scenario. */
export interface Step {
  /** Wait before doing anything. */
  sleep_ms?: number;
  /** Which connection; "a" unless told. Opened on first use. */
  conn?: string;
  /** A command, sent as an array of bulk strings. */
  send?: string[];
  /** Bytes, sent as they are. Without `send` and `raw` the step only reads. */
  raw?: string;
  recv?: true;
  /** The next reply. */
  reply?: ExpectedReply;
  /** "shape" compares types and lengths only; "error" and "exact" compare everything. */
  match?: "exact" | "error" | "shape";
  /** Nothing may arrive for a while. */
  noreply?: true;
  /** The server closes the connection. */
  closed?: true;
  /** Bounds for the time between sending and the reply. */
  min_ms?: number;
  max_ms?: number;
  /** The last four characters of the job ID in the reply. */
  jobid_ttl?: string;
}

/** A conversation that needs nothing of earlier ones. */
export interface Scenario {
  name: string;
  /** Whether to flush jobs and statistics first. */
  fresh: boolean;
  steps: Step[];
  /** Commands to run at the end, whatever happened. */
  cleanup?: string[][];
  /** What is odd about the recorded behaviour. */
  quirk?: string;
}

/** A file of recorded scenarios. */
export interface Transcript {
  file: string;
  scenarios: Scenario[];
}

const folder = join(repositoryRoot, "test", "transcript");

/** The recordings, in order of their file names. */
export function loadTranscripts(): Transcript[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => loadTranscript(join(folder, name)));
}

function loadTranscript(path: string): Transcript {
  const scenarios = JSON.parse(readFileSync(path, "utf8")) as Scenario[];
  return { file: basename(path), scenarios };
}
