/**
 * A process that takes the lock of a data folder and keeps it: `node lock-holder.js FOLDER STALE_MS
 * [SECONDS]`.
 *
 * Prints "locked", or the reason why not and exits with the server's code for that. It ends by
 * itself when its standard input does (or, given SECONDS, after that time), so that a test that
 * fails leaves nothing behind; told "exit" it ends without a release.
 */
import { DataLockedError, lockDataFolder } from "../../src/io/data-lock.ts";

const [, , folder = "", staleAfterMs = "", seconds = ""] = process.argv;

if (seconds === "") {
  process.stdin.on("end", () => process.exit(0));
  process.stdin.on("data", (text: Buffer) => {
    if (text.toString().startsWith("exit")) process.exit(3);
  });
} else {
  setTimeout(() => process.exit(0), Number(seconds) * 1000);
}

try {
  await lockDataFolder(folder, {
    timing: { refreshMs: 20, staleAfterMs: Number(staleAfterMs), pollMs: 5 },
    onLost: (message) => console.log(`lost: ${message}`),
  });
  console.log("locked");
} catch (error) {
  console.log(error instanceof Error ? error.message : String(error));
  process.exit(error instanceof DataLockedError ? error.exitCode : 1);
}
