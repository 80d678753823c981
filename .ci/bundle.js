/**
 * Joins the server's modules into one file, and the command line client's into a few: dist/bin.
 *
 * Node takes about a millisecond for each module it loads; some 400 of them are half of a server's start.
 * The client loads few and gains nothing; it is joined so that what is installed stands in one place. What
 * is loaded only when it is needed stays in files of its own, packages stay in node_modules, and source maps
 * lead back to src. Names carry no hash, so that a process which loads something late finds it after another
 * build. tsc alone checks types.
 *
 * Every `npm start` builds, also while another process starts from the same folder. So a file that would stay
 * the same is not touched, and any other takes its place whole.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "rolldown";

const FOLDER = "dist/bin";

const isPackage = (name) => !/^[./]/.test(name);

function contentOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function put(path, content) {
  if (contentOf(path) === content) return;
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, content);
  renameSync(aside, path);
}

const { output } = await build({
  input: { "ringq-server": "src/main.ts", ringq: "src/cli/main.ts" },
  platform: "node",
  external: (name, importer) => importer !== undefined && isPackage(name),
  logLevel: "warn",
  write: false,
  output: {
    dir: FOLDER,
    format: "esm",
    sourcemap: true,
    entryFileNames: "[name].js",
    chunkFileNames: "parts/[name].js",
  },
});
for (const file of output) put(join(FOLDER, file.fileName), file.code ?? file.source);
