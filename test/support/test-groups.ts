/**
 * Which test files share a process: those of folders whose tests start no servers, but for some files.
 *
 * A process for every file takes a quarter of a second to load the same modules, and compiles them anew:
 * half of the processor time of such tests. What measures its own memory or starts servers stays alone.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

/** Folders below test/. */
const SHARING_FOLDERS = new Set([
  "client",
  "cluster",
  "commands",
  "config",
  "core",
  "dashboard",
  "http",
  "io",
  "journal",
  "model",
  "protocol",
  "util",
]);
/** Files of these folders that stay alone all the same, below test/ and without their ends. */
const ALONE = new Set([
  // They count pages, or need them large: others of their folder make small ones (small-pages.ts).
  "core/arena",
  "core/slab",
  // It measures the memory of its process.
  "io/memory-return",
  // They take long by themselves.
  "io/connection-storm",
  "io/data-lock",
]);
/** A process is told apart from a hanging one by its time, and cores get their share of the work. */
const FILES_PER_GROUP_MAX = 16;

/** Test files, and what to run for them: a file of its own, or one that imports several. */
export interface TestGroup {
  readonly entry: string;
  readonly files: readonly string[];
}

/** `files` (compiled, below `root`, absolute) in their order; what imports several is written into `folder`. */
export function groupTests(files: readonly string[], root: string, folder: string): TestGroup[] {
  rmSync(folder, { recursive: true, force: true });
  const folderOf = (file: string): string => {
    const path = relative(root, file).split(sep).join("/");
    return ALONE.has(path.replace(/\.test\.js$/, "")) ? "" : (path.split("/")[0] ?? "");
  };
  const alone = files.filter((file) => !SHARING_FOLDERS.has(folderOf(file)));
  const shared = [...SHARING_FOLDERS].flatMap((name) =>
    groupsOf(
      name,
      files.filter((file) => folderOf(file) === name),
      folder,
    ),
  );
  return [...alone.map((entry) => ({ entry, files: [entry] })), ...shared];
}

function groupsOf(name: string, members: readonly string[], folder: string): TestGroup[] {
  const groups: TestGroup[] = [];
  for (let from = 0; from < members.length; from += FILES_PER_GROUP_MAX) {
    const files = members.slice(from, from + FILES_PER_GROUP_MAX);
    const entry = join(folder, `${name}-${groups.length + 1}.js`);
    mkdirSync(dirname(entry), { recursive: true });
    writeFileSync(entry, files.map((file) => importOf(file, folder)).join(""));
    groups.push({ entry, files });
  }
  return groups;
}

function importOf(file: string, folder: string): string {
  return `import ${JSON.stringify(relative(folder, file).split(sep).join("/"))};\n`;
}
