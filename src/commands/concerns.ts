/**
 * Which queues and jobs a request is about, from the documentation of the command's arguments.
 *
 * An argument of type `queue` or `job` says so; where it stands in a request follows from what stands
 * before it, or from the word in front of it. Rather one too many than one too few: a request that its
 * command will refuse as a mistake may name something here that it would not have touched. COMMAND
 * GETKEYS answers it to clients; rights for each queue would be built on it (permissions.ts).
 */
import type { Request } from "../protocol/request.ts";
import type { ArgumentSpec, CommandSpec } from "./command.ts";

type Concern = "queue" | "job";

/** Positions in `request` of the arguments that name queues (or jobs), the command's name standing at `name`. */
export function concernsOf(
  spec: Pick<CommandSpec, "arguments">,
  concern: Concern,
  request: Request,
  name = 0,
): number[] {
  const found = new Set<number>();
  let position = name + 1;
  for (const argument of spec.arguments) {
    if (argument.type === concern) {
      for (const place of placesOf(argument, request, name, position)) found.add(place);
    }
    position++;
  }
  return [...found].sort((a, b) => a - b);
}

/** Without a word in front of it an argument stands where it is documented: such come first. */
function placesOf(
  argument: ArgumentSpec,
  request: Request,
  name: number,
  position: number,
): number[] {
  const { token, isMultiple = false } = argument;
  if (token === undefined) return isMultiple ? from(position, request) : at(position, request);
  const word = Buffer.from(token, "latin1");
  const words = from(name + 1, request).filter((i) => request.is(i, word));
  if (!isMultiple) return words.flatMap((i) => at(i + 1, request));
  return words.slice(0, 1).flatMap((i) => from(i + 1, request));
}

function at(position: number, request: Request): number[] {
  return position < request.count ? [position] : [];
}

function from(position: number, request: Request): number[] {
  const count = Math.max(0, request.count - position);
  return Array.from({ length: count }, (_, i) => position + i);
}
