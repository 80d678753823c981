/**
 * An append-only file of Disque under the eyes of `ringq check-log`.
 *
 * A repaired one holds every record that reads as a whole one, in its order. Where the file is damaged that
 * may be too much: a job's body may hold what looks like a record, and a DELJOB that is lost lets its job
 * come back. The output says so.
 */
import { randomInt } from "node:crypto";
import { FileSource } from "../io/log/file-source.ts";
import { ByteWindow } from "../journal/byte-window.ts";
import { ReferenceAof } from "../journal/reference-aof.ts";
import { ReferenceSurvey } from "../journal/reference-survey.ts";
import { humanSize } from "../util/bytes.ts";
import type { Checker } from "./check-log.ts";
import { replaceDamaged, type WritePiece } from "./repaired-file.ts";

const STEP_BYTES = 64 << 20;
const SECRET_LIMIT = 2 ** 32;

/** Checks such a file. */
export const checkAof: Checker = (path, { repair }, print) => {
  const source = new FileSource(path);
  try {
    const survey = new ReferenceSurvey(source, randomInt(SECRET_LIMIT));
    while (survey.proceed(STEP_BYTES));
    const { loads, deletes, survivors, damages, damageCount, torn } = survey;
    print(`${path}: append-only file of Disque, ${humanSize(source.size)}`);
    print(`  ${loads} LOADJOB, ${deletes} DELJOB; ${survivors.count} jobs are left at its end`);
    for (const { offset, end, reason } of damages) {
      print(`  damaged at byte ${offset}, ${end - offset} bytes: ${reason}`);
    }
    if (damageCount > damages.length) print(`  ... ${damageCount} damaged places in all`);
    if (torn !== undefined) {
      print(`  torn end at byte ${torn.offset}, ${torn.end - torn.offset} bytes: ${torn.reason}`);
    }
    const isWhole = damageCount === 0 && torn === undefined;
    if (isWhole) print("  ok");
    else if (loads + deletes === 0) print("  nothing in it is a record of such a file");
    else if (repair) return repairAof(source, damageCount > 0, print);
    return isWhole;
  } finally {
    source.close();
  }
};

function repairAof(source: FileSource, isDamaged: boolean, print: (line: string) => void): boolean {
  let kept = 0;
  const damaged = replaceDamaged(source.path, (write) => {
    kept = copyWhole(source, write);
  });
  print(`  repaired: ${source.size - kept} bytes are left out; as it was: ${damaged}`);
  if (isDamaged) print("  jobs that were deleted in the lost part come back; check what matters");
  return true;
}

/** Writes all whole records; how many bytes. */
function copyWhole(source: FileSource, write: WritePiece): number {
  const aof = new ReferenceAof(new ByteWindow(source));
  const copied = new ByteWindow(source);
  let bytes = 0;
  for (let step = aof.next(); step !== "end"; step = aof.next()) {
    if (step !== "load" && step !== "delete") continue;
    write(copied.view(aof.offset, aof.end - aof.offset));
    bytes += aof.end - aof.offset;
  }
  return bytes;
}
