/**
 * Which arguments of a command are secrets.
 *
 * MONITOR, SLOWLOG and the log show what clients send, and some of it are passwords. The rules here
 * rather hide too much than too little: a command that is wrong (and will be refused) often holds
 * a password one place off. Nothing here decides who may run what.
 */
import { type ArgumentList, argumentSize, argumentText } from "./argument-list.ts";

/** Says of a directive's name in lower case whether its value is a secret. */
export type IsSecretDirective = (name: string) => boolean;

/** No argument is secret: the same object for nearly every command. */
const NOTHING: ReadonlySet<number> = new Set();

/** Longest word compared with a keyword; anything longer is not one. */
const WORD_BYTES_MAX = 128;

/**
 * Positions in `args` that nobody but the server may see (0 is the command's name, never secret).
 *
 * @param command the command's own name in lower case: a renamed command keeps its secrets
 */
export function secretPositions(
  command: string,
  args: ArgumentList,
  isSecretDirective: IsSecretDirective,
): ReadonlySet<number> {
  switch (command) {
    case "auth":
      return allFrom(1, args);
    case "hello":
      return credentialsOfHello(args);
    case "config":
      return secretsOfConfig(args, isSecretDirective);
    case "command":
      // A request inside a request: whatever it is, its arguments are nobody's business.
      return word(args, 1) === "getkeys" ? allFrom(3, args) : NOTHING;
    default:
      return NOTHING;
  }
}

/** `HELLO version [AUTH user password] [SETNAME name]`: the two after any word AUTH. */
function credentialsOfHello(args: ArgumentList): ReadonlySet<number> {
  const found = new Set<number>();
  for (let index = 1; index < args.count; index++) {
    if (word(args, index) !== "auth") continue;
    if (index + 1 < args.count) found.add(index + 1);
    if (index + 2 < args.count) found.add(index + 2);
  }
  return found;
}

/** `CONFIG SET name value [name value ...]`: the value after any secret name. */
function secretsOfConfig(args: ArgumentList, isSecret: IsSecretDirective): ReadonlySet<number> {
  if (word(args, 1) !== "set") return NOTHING;
  const found = new Set<number>();
  const isInPairs = args.count % 2 === 0;
  for (let index = 2; index < args.count; index++) {
    if (!isSecret(word(args, index))) continue;
    // A password with a blank in it and no quotes: everything behind may be a part of it.
    if (!isInPairs) return allFrom(index + 1, args);
    if (index + 1 < args.count) found.add(index + 1);
  }
  return found;
}

function allFrom(first: number, args: ArgumentList): ReadonlySet<number> {
  const found = new Set<number>();
  for (let index = first; index < args.count; index++) found.add(index);
  return found;
}

/** Argument `index` in lower case, or "" when it is absent or too long to be a keyword. */
function word(args: ArgumentList, index: number): string {
  if (index >= args.count || argumentSize(args, index) > WORD_BYTES_MAX) return "";
  return argumentText(args, index, WORD_BYTES_MAX).toLowerCase();
}
