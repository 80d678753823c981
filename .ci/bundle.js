/**
 * Joins the server's modules into one file, and the command line client's into a few: dist/bin.
 *
 * Node takes about a millisecond for each module it loads; some 400 of them are half of a server's start.
 * The client loads few and gains nothing; it is joined so that what is installed stands in one place. What
 * is loaded only when it is needed stays in files of its own, packages stay in node_modules, and source maps
 * lead back to src. Names carry no hash, so that a process which loads something late finds it after another
 * build. tsc alone checks types.
 */
import { build } from "rolldown";

const isPackage = (name) => !/^[./]/.test(name);

await build({
  input: { "ringq-server": "src/main.ts", ringq: "src/cli/main.ts" },
  platform: "node",
  external: (name, importer) => importer !== undefined && isPackage(name),
  logLevel: "warn",
  output: {
    dir: "dist/bin",
    format: "esm",
    sourcemap: true,
    entryFileNames: "[name].js",
    chunkFileNames: "parts/[name].js",
  },
});
