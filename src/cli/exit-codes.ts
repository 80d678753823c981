/**
 * Exit codes of the tools: what a script may go by.
 *
 * The same for all subcommands.
 */

/** All is well. */
export const EXIT_OK = 0;
/** What was looked at is not as it should be; the output says how. */
export const EXIT_NOT_WELL = 1;
/** Wrong usage, or it could not be done: a file cannot be read, a server runs. */
export const EXIT_TROUBLE = 2;
