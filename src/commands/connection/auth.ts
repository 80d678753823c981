/**
 * AUTH: logs a client in.
 *
 * `AUTH password` is the reference's form, `AUTH default password` that of today's Redis clients; they
 * mean the same. A wrong password ends an earlier login.
 */
import type { Request } from "../../protocol/request.ts";
import type { CommandSpec } from "../command.ts";
import { errors } from "../errors.ts";
import { isDefaultUser, logIn } from "../login.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";

const USER = 1;

/** `AUTH [username] password`. */
export const auth: CommandSpec = {
  name: "auth",
  arity: 2,
  wordsMax: 3,
  flags: ["readonly", "loading", "fast"],
  group: "connection",
  summary: "Logs in with the password of requirepass; the only user is called default.",
  since: "0.1.0",
  arguments: [
    { name: "username", type: "string", isOptional: true },
    { name: "password", type: "string" },
  ],
  errors: ["WRONGPASS"],
  reply: "OK.",
  run: authenticate,
};

function authenticate(server: ServerState, session: Session, request: Request): void {
  const user = request.count === 3 ? USER : 0;
  const { reply } = session;
  switch (logIn(server, session, request, { user, password: request.count - 1 })) {
    case "done":
      reply.simple("OK");
      break;
    case "not needed":
      reply.error(errors.noPasswordSet);
      break;
    case "refused":
      if (user === 0 || isDefaultUser(request, user)) reply.error(errors.badPassword);
      else reply.error(errors.wrongLogin);
      break;
    case "put off":
      break;
  }
}
