/**
 * The files that make up the repository: tracked ones and new ones that are not ignored.
 *
 * Asks git in a checkout. An exported tree (a release archive, a container build) has no git; there
 * the folders are walked, leaving out what a build or a run leaves behind.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The repository's root folder, found from the compiled file's place below dist/. */
export const repositoryRoot = join(import.meta.dirname, "..", "..", "..");

const produced = new Set([".git", "node_modules", "dist", "data", "coverage"]);

/** Paths relative to the root, with forward slashes, sorted. */
export function repositoryFiles(root: string = repositoryRoot): string[] {
  return (listedByGit(root) ?? walked(root)).sort();
}

function listedByGit(root: string): string[] | undefined {
  if (!existsSync(join(root, ".git"))) return undefined;
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const git = spawnSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 });
  if (git.status !== 0) return undefined;
  return git.stdout.split("\0").filter((path) => path !== "" && existsSync(join(root, path)));
}

function walked(root: string, folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (folder === "" && produced.has(entry.name)) return [];
    return entry.isDirectory() ? walked(root, path) : [path];
  });
}
