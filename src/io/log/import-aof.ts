/**
 * Importing append-only files of the reference at start, each exactly once.
 *
 * A file is looked through before anything is taken over: damage in its middle refuses it as a whole.
 * Then its jobs enter the broker, the journal hears of them, and when they are safe the file is noted as
 * imported (import-records.ts); all of that before anybody is served. The file itself is only read. What
 * the jobs become is decided in journal/reference-import.ts.
 */
import { setImmediate as otherTurns } from "node:timers/promises";
import type { Broker } from "../../core/broker.ts";
import type { Host } from "../../core/host.ts";
import { type ImportCounts, ReferenceImport } from "../../journal/reference-import.ts";
import { ReferenceSurvey } from "../../journal/reference-survey.ts";
import type { Logger } from "../logger.ts";
import { systemErrorCode, systemErrorText } from "../system-error.ts";
import { FileSource } from "./file-source.ts";
import { type ImportRecord, ImportRecords } from "./import-records.ts";

/** Bytes of a file that are gone through without a break, and imported before they are logged. */
const STEP_BYTES = 1 << 20;

/** What importing needs. */
export interface ImportAofParts {
  /** After the recovery of our own log, with its journal set. */
  readonly broker: Broker;
  readonly host: Host;
  readonly log: Logger;
  /** Absolute path of the folder of our log; made when there is something to remember. */
  readonly folder: string;
  /** Absolute paths given with --import: each must be there. */
  readonly asked: readonly string[];
  /** The file under the configured name, absolute; imported if it is there. "": none is looked for. */
  readonly found: string;
  /** aof-load-truncated */
  readonly loadsTruncated: boolean;
  /** aof-enqueue-jobs-once */
  readonly enqueuesJobs: boolean;
  /** What the journal hears is written: the jobs survive this process. */
  readonly isLogged: boolean;
  /** Writes what the journal has noted so far. Called every megabyte of a file, so that it stays little. */
  persist(): void | Promise<void>;
  /** Resolves when all that was written is on the disk. */
  sync(): Promise<void>;
}

/** Imports what is to be imported. Rejects with an Error in words: the server must not start then. */
export async function importReferenceAofs(parts: ImportAofParts): Promise<void> {
  const { asked, found } = parts;
  if (asked.length === 0 && found === "") return;
  const records = new ImportRecords(parts.folder);
  for (const path of new Set(asked)) await importFile(parts, records, path, true);
  if (found !== "" && !asked.includes(found)) await importFile(parts, records, found, false);
}

async function importFile(
  parts: ImportAofParts,
  records: ImportRecords,
  path: string,
  isAsked: boolean,
): Promise<void> {
  let file: FileSource;
  try {
    file = new FileSource(path);
  } catch (error) {
    if (!isAsked && systemErrorCode(error) === "ENOENT") return;
    throw refusal(path, systemErrorText(error));
  }
  try {
    await new FileImport(parts, records, file).run();
  } catch (error) {
    throw refusal(path, systemErrorText(error), error);
  } finally {
    file.close();
  }
}

function refusal(path: string, reason: string, cause?: unknown): Error {
  return new Error(`cannot import ${path}: ${reason}`, { cause });
}

/** What the earlier imports say about a file. */
interface Past {
  readonly sha256: string;
  /** Its jobs were imported into our log. */
  readonly isDone: boolean;
  /** Jobs of it may have been delivered by us. */
  readonly isRepeated: boolean;
  /** So much of it was imported, and it has grown since. */
  readonly importedBytes: number;
}

/** One file on its way in. */
class FileImport {
  readonly #parts: ImportAofParts;
  readonly #records: ImportRecords;
  readonly #file: FileSource;

  constructor(parts: ImportAofParts, records: ImportRecords, file: FileSource) {
    this.#parts = parts;
    this.#records = records;
    this.#file = file;
  }

  async run(): Promise<void> {
    const { path, size, mtimeMs } = this.#file;
    const untouched = this.#records.findUntouched({ path, sizeBytes: size, mtimeMs });
    if (untouched?.isLogged) return this.#skip(untouched);
    const past = await this.#past();
    if (past.isDone) return this.#skip(this.#records.findContent(size, past.sha256));
    const survey = await this.#survey();
    this.#refuseDamage(survey);
    const transfer = this.#transfer(survey, past);
    await this.#takeOver(transfer);
    await this.#parts.sync();
    const { counts } = transfer;
    this.#records.add({
      path,
      sizeBytes: size,
      mtimeMs,
      sha256: past.sha256,
      importedAt: new Date(this.#parts.host.wallMs).toISOString(),
      isLogged: this.#parts.isLogged,
      jobs: counts.jobs,
    });
    this.#tell(survey, counts);
  }

  #skip(record: ImportRecord | undefined): void {
    const when = record?.importedAt;
    this.#parts.log.notice("not imported: it was before", { file: this.#file.path, when });
  }

  async #past(): Promise<Past> {
    const { path, size } = this.#file;
    const before = this.#records.of(path);
    const shorter = before
      .filter((record) => record.isLogged && record.sizeBytes < size)
      .sort((a, b) => a.sizeBytes - b.sizeBytes);
    const hashes = await this.#file.hashes(shorter.map((record) => record.sizeBytes));
    const sha256 = hashes[shorter.length] as string;
    const same = this.#records.findContent(size, sha256);
    const beginning = shorter.findLast((record, i) => record.sha256 === hashes[i]);
    return {
      sha256,
      isDone: same?.isLogged ?? false,
      // Written anew since, or imported into memory only: what we did with its jobs is not known any more.
      isRepeated: same !== undefined || (before.length > 0 && beginning === undefined),
      importedBytes: beginning?.sizeBytes ?? 0,
    };
  }

  async #survey(): Promise<ReferenceSurvey> {
    const survey = new ReferenceSurvey(this.#file, this.#parts.host.randomWord());
    while (survey.proceed(STEP_BYTES)) await otherTurns();
    return survey;
  }

  #refuseDamage({ damages, damageCount, torn, loads, deletes }: ReferenceSurvey): void {
    const [first] = damages;
    if (first !== undefined && loads + deletes === 0) {
      throw new Error(
        `it is no append-only file of Disque (at offset ${first.offset}: ${first.reason})`,
      );
    }
    if (first !== undefined) {
      const others = damageCount > 1 ? `, the first of ${damageCount} places` : "";
      throw new Error(
        `it is damaged at offset ${first.offset} (${first.reason})${others}; see ringq check-log, ` +
          "which can also make a copy of what is whole (--repair)",
      );
    }
    if (torn === undefined) return;
    const { offset, reason } = torn;
    if (!this.#parts.loadsTruncated) {
      throw new Error(`its end is torn at offset ${offset} (${reason}); aof-load-truncated is no`);
    }
    this.#parts.log.warning("the end of an AOF is torn, what is before it is imported", {
      file: this.#file.path,
      offset,
      reason,
    });
  }

  #transfer({ isSnapshot, survivors }: ReferenceSurvey, past: Past): ReferenceImport {
    const { broker, host, enqueuesJobs } = this.#parts;
    const { importedBytes, isRepeated } = past;
    return new ReferenceImport({
      broker,
      host,
      source: this.#file,
      survivors,
      enqueuesJobs,
      isSnapshot,
      isRepeated,
      importedBytes,
    });
  }

  /** Of a file that changes meanwhile nothing stays, nor in our log, if that can be had. */
  async #takeOver(transfer: ReferenceImport): Promise<void> {
    try {
      this.#refuseChanged();
      while (transfer.proceed(STEP_BYTES)) {
        this.#refuseChanged();
        await this.#parts.persist();
        await otherTurns();
      }
      this.#refuseChanged();
      await this.#parts.persist();
      this.#refuseChanged();
    } catch (error) {
      transfer.undo();
      await this.#parts.persist();
      await this.#parts.sync();
      throw error;
    }
  }

  #refuseChanged(): void {
    if (!this.#file.hasChanged()) return;
    throw new Error("somebody writes to it; stop the server that does and start again");
  }

  #tell(survey: ReferenceSurvey, counts: ImportCounts): void {
    const { log, isLogged } = this.#parts;
    const file = this.#file.path;
    log.notice("imported the jobs of an AOF", {
      file,
      ...counts,
      jobs: counts.jobs,
      deletedInFile: survey.deletes,
      foreignIds: survey.foreignIds,
    });
    if (counts.withheld > 0) {
      log.warning("jobs with RETRY 0 are not queued: they may have been delivered", {
        file,
        jobs: counts.withheld,
        hint: "ENQUEUE queues them",
      });
    }
    if (!isLogged) {
      log.warning("there is no log: what was imported is in memory only", { file });
    }
  }
}
