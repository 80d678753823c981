/**
 * Makes node_modules match package-lock.json, and does nothing when it already does.
 *
 * `npm start`, `npm test` and the other scripts call this first, so that a fresh clone needs no
 * other step. Plain JavaScript without imports from npm, because it runs before anything is there.
 * npm records what it installed in node_modules/.package-lock.json; optional packages for other
 * platforms are missing there, which is as it should be.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

/** The packages of a lockfile by folder, or nothing when the file is absent or unreadable. */
function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages ?? {};
  } catch {
    return {};
  }
}

/** Is every wanted package installed in the wanted version, and nothing else? */
function isUpToDate(wanted, installed) {
  const { "": _root, ...packages } = wanted;
  for (const [folder, entry] of Object.entries(packages)) {
    const found = installed[folder];
    if (found === undefined ? !entry.optional : !isSame(entry, found)) return false;
  }
  return Object.keys(installed).every((folder) => folder in packages);
}

function isSame(entry, found) {
  return entry.version === found.version && isDeepStrictEqual(entry.integrity, found.integrity);
}

const wanted = packagesOf("package-lock.json");
const installed = packagesOf("node_modules/.package-lock.json");
if (Object.keys(installed).length === 0 || !isUpToDate(wanted, installed)) {
  // --include=dev: with NODE_ENV=production npm would leave the compiler out.
  const npm = spawnSync("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], {
    stdio: "inherit",
  });
  process.exitCode = npm.status ?? 1;
}
