/**
 * `ringq cluster`: create, check, forget, drain.
 *
 * Other words after `cluster` are the server's own (`ringq cluster nodes`).
 */
import type { Argv, CommandModule } from "yargs";
import { check } from "./check.ts";
import { create } from "./create.ts";
import { drain } from "./drain.ts";
import { forget } from "./forget.ts";

/** The subcommand. */
export const cluster: CommandModule = {
  command: "cluster",
  describe: "Join nodes, look whether all is well, remove a node",
  builder: (parser) =>
    parser
      .command(create)
      .command(check)
      .command(forget)
      .command(drain)
      .demandCommand(1, "create, check, forget or drain?") as Argv,
  handler: () => undefined,
};
