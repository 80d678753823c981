/**
 * SHUTDOWN: the orderly end of the process.
 *
 * There is no answer: the connection closes. Everything is put in order whatever is asked for, so SAVE and
 * NOSAVE are accepted and change nothing. REWRITE-AOF rewrites the log first, also one that is switched off,
 * while everybody waits; if that fails, the server goes on.
 */
import type { CommandSpec } from "../command.ts";
import { errors } from "../errors.ts";
import type { ServerState } from "../server-state.ts";

const OPTION = 1;
const options = ["SAVE", "NOSAVE", "REWRITE-AOF"].map((token) => ({
  name: token.toLowerCase(),
  type: "token" as const,
  token,
  word: Buffer.from(token, "latin1"),
}));
const rewriteWord = Buffer.from("REWRITE-AOF", "latin1");

/** `SHUTDOWN [SAVE|NOSAVE|REWRITE-AOF]`. */
export const shutdown: CommandSpec = {
  name: "shutdown",
  arity: -1,
  flags: ["readonly", "admin", "loading"],
  group: "server",
  summary: "Ends the server once everything is in order.",
  since: "0.1.0",
  arguments: [{ name: "option", type: "oneof", isOptional: true, parts: options }],
  errors: [],
  reply: "Nothing, the connection closes.",
  run: (server, session, request) => {
    const isKnown = options.some(({ word }) => request.count > 1 && request.is(OPTION, word));
    if (request.count > 2 || (request.count === 2 && !isKnown)) {
      session.reply.error(errors.syntax);
      return;
    }
    if (request.count > 1 && request.is(OPTION, rewriteWord) && !rewrite(server)) {
      session.reply.error(errors.shutdownFailed);
      return;
    }
    session.carrier.closeAfterReply();
    server.host.log("warning", "shutdown asked for by a client", {
      client: session.carrier.remoteAddress,
    });
    server.host.shutdown();
  },
};

/** What is not in memory yet cannot be rewritten: while the log is loaded, it stays as it is. */
function rewrite(server: ServerState): boolean {
  if (server.log.isLoading) return true;
  const error = server.log.rewriteNow();
  if (error === undefined) return true;
  server.host.log("warning", "the log was not rewritten, so the server goes on", { error });
  return false;
}
