/**
 * Everything that HTTP refuses, as one line of JSON with a status.
 *
 * The code is for programs, the sentence for people. What a command answers keeps its code word, so that
 * errors are the same whichever way somebody came; here they only get a status.
 */

/** Refuses a request. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** Headers that go with it. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  /** The body. */
  get line(): string {
    return `${JSON.stringify({ error: this.code, message: this.message })}\n`;
  }
}

/** Statuses for the code words of commands; 400 for all others. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  NOAUTH: 401,
  DENIED: 403,
  NOJOB: 404,
  PAUSED: 409,
  MAXLEN: 409,
  TOOLATE: 409,
  ACKED: 409,
  OOM: 503,
  NOREPL: 503,
  LEAVING: 503,
  LOADING: 503,
  MISCONF: 503,
};

/** The error for a command's error reply, its code word first. */
export function fromCommandError(text: string): ApiError {
  const [code = "ERR"] = text.split(" ", 1);
  const message = text.slice(code.length + 1);
  return new ApiError(STATUS_OF_CODE[code] ?? 400, code, message);
}

/** A parameter or a field of the body is not as it must be. */
export function badRequest(message: string): ApiError {
  return new ApiError(400, "BADREQUEST", message);
}

/** Nobody may run this command, named as in the table of commands. */
export function removedCommand(name: string): ApiError {
  const message = `The command ${name.toUpperCase()} was taken away from all clients (rename-command).`;
  return new ApiError(403, "REMOVED", message);
}

/** There is no such thing. */
export function notFound(message: string): ApiError {
  return new ApiError(404, "NOTFOUND", message);
}
