/**
 * `ringq monitor`: the same as the command MONITOR, with lines made for people on a terminal.
 *
 * Ctrl-C ends it.
 */
import { Connection } from "../client/connection.ts";
import { defaultFormat } from "./formats/format.ts";
import { follow } from "./monitor.ts";
import { subcommand } from "./subcommand.ts";

export const monitor = subcommand({
  command: "monitor",
  describe: "Every command of every client, until Ctrl-C",
  builder: (parser) => parser,
  run: async (target) => follow(await Connection.open(target), ["MONITOR"], defaultFormat()),
});
