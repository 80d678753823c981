/**
 * Which run of this machine it is: another one after every start of the machine.
 *
 * What the system was told to write and had not written yet is lost when the machine stops, and only then.
 */
import { readFileSync } from "node:fs";

const BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id";
const HEX_DIGITS = 32;

/** 32 lower-case hex digits; all zeros where the system does not tell. */
export function bootId(): string {
  try {
    const digits = readFileSync(BOOT_ID_FILE, "latin1").replace(/[^0-9a-f]/g, "");
    if (digits.length === HEX_DIGITS) return digits;
  } catch {
    // No Linux.
  }
  return "0".repeat(HEX_DIGITS);
}
