/**
 * Where the installed package is: its version, its compiled files, its static ones.
 *
 * A module cannot tell it from its own place, because the build joins modules into files that stand
 * elsewhere (.ci/bundle.js). So the folder of package.json is looked for upwards, once. Nothing here
 * knows what is in those files.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const MANIFEST = "package.json";

/** The folder of this package. */
export const packageFolder: string = folderAbove(import.meta.dirname);

/** What package.json calls the version. */
export function packageVersion(): string {
  const text = readFileSync(join(packageFolder, MANIFEST), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

function folderAbove(folder: string): string {
  if (existsSync(join(folder, MANIFEST))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`no ${MANIFEST} above ${import.meta.dirname}`);
  return folderAbove(parent);
}
