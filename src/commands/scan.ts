/**
 * QSCAN and JSCAN: walking through everything in bounded steps.
 *
 * A cursor is the number of the next slot to look at; nothing is kept between calls. Slots never
 * move while what they hold exists, so an element that is there during the whole walk is returned,
 * and exactly once. A step looks at ten times as many slots as elements were asked for, at most
 * (reference 5.5); BUSYLOOP goes on to the end, but stops at SLOTS_PER_CALL_MAX and hands out a
 * cursor then, because one client must not stop all others (F33 of the reference's defects).
 */
import type { Request } from "../protocol/request.ts";
import { errors } from "./errors.ts";
import { type CommandOption, integerOption, type OptionReader, switchOption } from "./options.ts";

const COUNT_DEFAULT = 100;
const SLOTS_PER_ELEMENT = 10;
const SLOTS_PER_CALL_MAX = 20_000;
const CURSOR = /^[0-9]+$/;
/** Digits of a 64-bit number: what the reference's cursors may have. */
const CURSOR_DIGITS_MAX = 20;

/** COUNT and BUSYLOOP, for both commands. */
export function scanOptions(): { count: CommandOption; busyloop: CommandOption } {
  return {
    count: integerOption("COUNT", {
      min: 1,
      max: Number.MAX_SAFE_INTEGER,
      absent: COUNT_DEFAULT,
      error: errors.notAnInteger,
    }),
    busyloop: switchOption("BUSYLOOP"),
  };
}

/**
 * Reads options and the cursor, which may stand anywhere among them or be missing. Returns the
 * cursor, or the error to answer.
 */
export function readScan(reader: OptionReader, request: Request): number | string {
  reader.reset();
  const first = reader.read(request, 1);
  if (first === -1) return reader.error;
  if (first === request.count) return 0;
  // Any argument may be half a gigabyte, more than a string can hold: look at its size first.
  const text = request.size(first) > CURSOR_DIGITS_MAX ? "" : request.text(first);
  if (!CURSOR.test(text)) return errors.invalidCursor;
  const end = reader.read(request, first + 1);
  if (end === -1) return reader.error;
  return end < request.count ? errors.syntax : Number(text);
}

/** How far one call may go. */
export interface ScanLimits {
  /** Elements asked for. */
  readonly count: number;
  readonly isBusyloop: boolean;
  /** Whether the reply is as large as it may become. */
  readonly isFull?: () => boolean;
  /** The first slot from this one on that may hold something, where long runs are known to be empty. */
  readonly skip?: (slot: number) => number;
}

/**
 * Looks at slots from `cursor` on; `visit` takes an element or passes over it. Returns the next
 * cursor, 0 when the walk is over.
 */
export function scan(
  cursor: number,
  slotLimit: number,
  limits: ScanLimits,
  visit: (slot: number) => boolean,
): number {
  const slots = limits.isBusyloop
    ? SLOTS_PER_CALL_MAX
    : Math.min(SLOTS_PER_CALL_MAX, limits.count * SLOTS_PER_ELEMENT);
  const wanted = limits.isBusyloop ? Number.POSITIVE_INFINITY : limits.count;
  const skip = limits.skip ?? ((at: number) => at);
  let found = 0;
  let looked = 0;
  // A cursor that nobody handed out may be any number, too large for whatever knows the slots.
  let slot = cursor < slotLimit ? skip(cursor) : slotLimit;
  while (slot < slotLimit && looked < slots && found < wanted && limits.isFull?.() !== true) {
    if (visit(slot)) found++;
    looked++;
    slot = skip(slot + 1);
  }
  return slot >= slotLimit ? 0 : slot;
}
