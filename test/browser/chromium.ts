/**
 * A real Chromium without a window, one for all tests of a file, started when the first one needs it.
 *
 * Debian's is used, or the one that CHROMIUM_PATH names. Where there is none the tests skip themselves with
 * the reason; continuous integration installs it. What tests do with pages is window.ts's.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { after } from "node:test";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** A name of another machine that has come to mean this one, as an attacker's would (DNS rebinding). */
export const REBOUND_HOST = "rebound.example";

const path = process.env.CHROMIUM_PATH || NAMES.map(inPath).find((found) => found !== undefined);

/** For a test's `skip` option: the reason why there is no browser, or false. */
export const skip: string | false =
  path === undefined ? `no ${NAMES[0]} is installed, and CHROMIUM_PATH is not set` : false;

let started: Promise<Browser> | undefined;

/** The browser. */
export function browser(): Promise<Browser> {
  if (path === undefined) throw new Error(String(skip));
  started ??= chromium.launch({
    executablePath: path,
    // As root, and in small containers, it does not start otherwise. Nobody else's pages are opened.
    args: [
      "--no-sandbox",
      "--disable-dev-shm-usage",
      "--disable-gpu",
      `--host-resolver-rules=MAP ${REBOUND_HOST} 127.0.0.1`,
    ],
  });
  return started;
}

after(async () => {
  await (await started)?.close();
});

function inPath(name: string): string | undefined {
  const candidates = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name));
  return candidates.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
