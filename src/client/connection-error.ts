/**
 * What can go wrong between a client and a server, in words for people.
 *
 * Two kinds, because programs react differently: the server could not be talked to, or it refused what
 * it was told. Wrong input that never reached a server is neither.
 */

/** No connection, or it was lost: what was asked may or may not have happened. */
export class ConnectionError extends Error {
  /** There was a connection, and it ended. */
  readonly wasOpen: boolean;

  constructor(message: string, wasOpen = false) {
    super(message);
    this.wasOpen = wasOpen;
  }
}

/** The server keeps the connection and does not answer in time. */
export class SilenceError extends ConnectionError {}

/** The server answered with an error. */
export class ServerError extends Error {
  /** The first word, which programs may rely on: NOAUTH, LEAVING, BADID, ERR. */
  get word(): string {
    return this.message.split(" ", 1)[0] ?? "";
  }
}
