/**
 * Looking up commands of the table in tests.
 *
 * A test that names a command that does not exist fails at once instead of testing nothing.
 */
import type { CommandSpec } from "../../src/commands/command.ts";
import { commandSpecs } from "../../src/commands/table.ts";

/** The command called `name` (lower case). */
export function specNamed(name: string): CommandSpec {
  const spec = commandSpecs.find((candidate) => candidate.name === name);
  if (spec === undefined) throw new Error(`no command ${name}`);
  return spec;
}
