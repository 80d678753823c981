/**
 * A process that logs ten lines to standard output and then dies in the way asked for:
 * `node log-writer.js FORMAT kill|wait`. "wait" lives on until its standard input ends.
 */
import { createLogger } from "../../src/io/logger.ts";

const [, , format = "", end = ""] = process.argv;

const log = createLogger({
  level: "notice",
  format: format === "pretty" || format === "json" ? format : "auto",
  file: "",
});
for (let count = 1; count <= 10; count++) log.notice("counting", { count });

if (end === "kill") process.kill(process.pid, "SIGKILL");
// Nobody may be reading any more: these must not end the process.
process.stdin.on("data", () => log.warning("still here"));
