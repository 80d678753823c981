/**
 * Failures that end the program with one line on standard error and an exit code.
 *
 * 1: the server could not be reached, or refused. 2: the command line is wrong, and nothing was done.
 */

/** The server said no, or is not there: exit code 1. ConnectionError and ServerError count as well. */
export const EXIT_SERVER = 1;
/** Wrong usage: exit code 2. */
export const EXIT_USAGE = 2;

/** The command line cannot be meant like that. */
export class UsageError extends Error {}

/** A file or another input is not what it must be: exit code 2 as well, and help would not help. */
export class InputError extends Error {}

/** It was tried, and did not work. */
export class FailedError extends Error {}
