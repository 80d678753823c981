/**
 * Ids as the core has them: numbers, not text.
 *
 * Tests name jobs as clients do; machines find them by words.
 */
import { JOB_ID_CHARS, JOB_ID_WORDS, parseJobId } from "../../src/core/job-id.ts";

/** The words of a written id. */
export function words(id: string): Int32Array {
  const parsed = new Int32Array(JOB_ID_WORDS);
  parseJobId(Buffer.from(id, "latin1"), 0, JOB_ID_CHARS, parsed);
  return parsed;
}
