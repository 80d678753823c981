/**
 * The built programs that tests start: the server and the command line client.
 *
 * As users get them, joined into few files; while coverage is counted, module by module, because that
 * is how the tests in their own processes load the same code, and the two counts are added.
 */
import { join } from "node:path";
import { repositoryRoot } from "./repository-files.ts";

const isCounted = process.env.NODE_V8_COVERAGE !== undefined;

/** The server. */
export const serverPath: string = built("bin/ringq-server.js", "src/main.js");

/** The command line client. */
export const cliPath: string = built("bin/ringq.js", "src/cli/main.js");

function built(joined: string, module: string): string {
  return join(repositoryRoot, "dist", isCounted ? module : joined);
}
