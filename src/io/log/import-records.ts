/**
 * Which files of the reference were imported: the file `imported.json` beside the segments.
 *
 * It stands beside the log and not in it, because it is no matter of any job: a record would have to be
 * carried on by every rewrite, and nobody could look at it, or take it away to have a file imported
 * again. It is written after the jobs are safe in the log and before anybody is served. A crash
 * in between does no harm: the import is done again and finds its jobs there.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../atomic-file.ts";
import { systemErrorCode, systemErrorText } from "../system-error.ts";

const FILE_NAME = "imported.json";
const FILE_MODE = 0o644;
const VERSION = 1;
/** Files remembered; the oldest are forgotten. */
const RECORDS_MAX = 1000;

/** One file that was imported. */
export interface ImportRecord {
  /** Where it lay. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  /** Of its whole content, hex. */
  readonly sha256: string;
  /** When, for people: ISO 8601. */
  readonly importedAt: string;
  /** Its jobs went into our log. If not, they were gone with the process. */
  readonly isLogged: boolean;
  /** How many. */
  readonly jobs: number;
}

/** What a file is known by. */
export type FileIdentity = Pick<ImportRecord, "path" | "sizeBytes" | "mtimeMs">;

/** All that were imported into one data folder. */
export class ImportRecords {
  readonly #folder: string;
  readonly #path: string;
  #records: readonly ImportRecord[];

  /** Reads what is there. Throws an Error that names the file when it is damaged. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, FILE_NAME);
    this.#records = readRecords(this.#path);
  }

  /** The record of this very file, untouched since; undefined: there is none. */
  findUntouched(file: FileIdentity): ImportRecord | undefined {
    return this.#records.findLast(
      (record) =>
        record.path === file.path &&
        record.sizeBytes === file.sizeBytes &&
        record.mtimeMs === file.mtimeMs,
    );
  }

  /** The last record of this content, wherever it lay; undefined: there is none. */
  findContent(sizeBytes: number, sha256: string): ImportRecord | undefined {
    return this.#records.findLast(
      (record) => record.sizeBytes === sizeBytes && record.sha256 === sha256,
    );
  }

  /** All records of files that lay there, oldest first. */
  of(path: string): readonly ImportRecord[] {
    return this.#records.filter((record) => record.path === path);
  }

  /** Remembers one, on the disk when it returns. Throws an Error that says why it cannot. */
  add(record: ImportRecord): void {
    const records = [...this.#records, record].slice(-RECORDS_MAX);
    mkdirSync(this.#folder, { recursive: true });
    const text = JSON.stringify({ version: VERSION, imports: records }, undefined, 2);
    replaceFile(this.#path, Buffer.from(`${text}\n`), FILE_MODE);
    this.#records = records;
  }
}

function readRecords(path: string): readonly ImportRecord[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw new Error(`cannot read ${path}: ${systemErrorText(error)}`, { cause: error });
  }
  const records = parseRecords(text);
  if (records !== undefined) return records;
  throw new Error(
    `${path} is damaged: it says which files were imported; remove it to import them again`,
  );
}

/** Undefined: it is not what `add` writes. */
function parseRecords(text: string): readonly ImportRecord[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || value.version !== VERSION) return undefined;
  const { imports } = value;
  return Array.isArray(imports) && imports.every(isRecord) ? imports : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isRecord(value: unknown): value is ImportRecord {
  if (!isObject(value)) return false;
  const { path, sizeBytes, mtimeMs, sha256, importedAt, isLogged, jobs } = value;
  const hasTexts = [path, sha256, importedAt].every((field) => typeof field === "string");
  const hasNumbers = [sizeBytes, mtimeMs, jobs].every((field) => typeof field === "number");
  return hasTexts && hasNumbers && typeof isLogged === "boolean";
}
