/**
 * `ringq --pipe`: sends standard input as it is (the Redis protocol, or one command a line), as fast as the
 * server takes it, and counts what comes back.
 *
 * The end of the replies is found by asking for an echo of something that nobody else can know.
 */
import { randomBytes } from "node:crypto";
import { Connection } from "../client/connection.ts";
import { bytesOf, ErrorReply, type Reply } from "../client/reply.ts";
import { encodeRequest } from "../client/request.ts";
import type { Target } from "../client/target.ts";
import { EXIT_SERVER, FailedError } from "./cli-error.ts";
import { complain, printLine } from "./terminal.ts";

const MARK_BYTES = 20;
/** Different errors shown; the rest is counted. */
const ERRORS_SHOWN = 10;

/**
 * Resolves with 0, or 1 when a reply was an error. Rejects with ConnectionError, or FailedError when the
 * server stays silent for so long after the last byte; 0: waits for ever.
 */
export async function runPipe(target: Target, timeoutMs: number): Promise<number> {
  const connection = await Connection.open(target);
  const mark = randomBytes(MARK_BYTES);
  const count = { replies: 0, errors: 0 };
  let touch = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    connection.onStray((reply) => {
      touch();
      if (bytesOf(reply).equals(mark)) resolve();
      else note(reply, count);
    });
  });
  const broken = connection.ended.then((reason) => Promise.reject(reason));
  try {
    await Promise.race([sendInput(connection), broken]);
    connection.write(Buffer.concat([Buffer.from("\r\n"), encodeRequest(["ECHO", mark])]));
    const silent = new Promise<never>((_, reject) => {
      touch = silence(timeoutMs, () => reject(tooSilent(timeoutMs)));
    });
    await Promise.race([finished, broken, silent]);
  } finally {
    touch = () => undefined;
    printLine(`errors: ${count.errors}, replies: ${count.replies}`);
    connection.close();
  }
  return count.errors > 0 ? EXIT_SERVER : 0;
}

async function sendInput(connection: Connection): Promise<void> {
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    if (!connection.write(chunk)) await connection.drained();
  }
}

/** Calls back when nobody has touched it for so long; returns how to touch it. */
function silence(timeoutMs: number, onSilence: () => void): () => void {
  if (timeoutMs === 0) return () => undefined;
  const timer = setTimeout(onSilence, timeoutMs);
  timer.unref();
  return () => timer.refresh();
}

function tooSilent(timeoutMs: number): FailedError {
  return new FailedError(
    `no reply for ${timeoutMs / 1000} s: was the last command cut? The rest was sent, see above`,
  );
}

function note(reply: Reply, count: { replies: number; errors: number }): void {
  count.replies++;
  if (!(reply instanceof ErrorReply)) return;
  count.errors++;
  if (count.errors <= ERRORS_SHOWN) complain(reply.message);
  else if (count.errors === ERRORS_SHOWN + 1) complain("... more errors are only counted");
}
