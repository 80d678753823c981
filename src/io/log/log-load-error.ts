/**
 * Why a server does not start with the log it found.
 *
 * Its text is for the operator: which file, where in it, what is wrong, and what can be done about it.
 */

/** The log cannot be used as it is. */
export class LogLoadError extends Error {
  override readonly name = "LogLoadError";
  /** Where it is and what is wrong, without what can be done. */
  readonly reason: string;

  /** @param at in the file, bytes; undefined: it is about the file as a whole */
  constructor(path: string, at: number | undefined, what: string) {
    const where = at === undefined ? path : `${path} at byte ${at}`;
    const reason = `${where}: ${what}`;
    super(
      `the log cannot be used: ${reason}. ` +
        "Nothing was changed; see `ringq check-log`, or restore the file",
    );
    this.reason = reason;
  }
}
