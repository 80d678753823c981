/**
 * The one place where is asked: may this client run this command, on these queues?
 *
 * There is one user with one password, so the answer depends on the login alone. What an answer could
 * depend on as well is at hand: the command with its flags, and the queues and jobs that the request
 * names (concerns.ts), which are not looked for unless somebody needs them. What comes by HTTP asks here,
 * too: what changes something is a command, and what is only shown stands for the command that would
 * answer it. http/access.ts asks for the password before.
 */
import type { Request } from "../protocol/request.ts";
import type { CommandSpec } from "./command.ts";
import { errors } from "./errors.ts";
import { isPasswordSet } from "./login.ts";
import type { ServerState } from "./server-state.ts";
import type { Session } from "./session.ts";

/** HELLO with a password: `HELLO version AUTH user password`. */
const HELLO_WITH_LOGIN_WORDS = 5;

/**
 * Why the client may not run the request, as the error to answer; undefined: it may. The command is
 * undefined when there is no such one: a stranger must not learn even that.
 */
export function denial(
  server: ServerState,
  session: Session,
  spec: CommandSpec | undefined,
  request: Request,
): string | undefined {
  if (session.isAuthenticated || !isPasswordSet(server)) return undefined;
  return isForStrangers(spec, request) ? undefined : errors.noAuth;
}

/**
 * Which of these commands, named as in the table of commands (lower case), was taken away from all clients
 * (rename-command), so that nobody may be shown its answer in another way, either; undefined: none.
 */
export function removedOf({ commands }: ServerState, names: readonly string[]): string | undefined {
  return names.find((name) => commands.givenName(name) === undefined);
}

/** AUTH, QUIT, and HELLO when it brings a password with it. */
function isForStrangers(spec: CommandSpec | undefined, request: Request): boolean {
  if (spec === undefined) return false;
  if (spec.name === "hello") return request.count >= HELLO_WITH_LOGIN_WORDS;
  return spec.name === "auth" || spec.name === "quit";
}
