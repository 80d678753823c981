/**
 * The dashboard's files, read once: its compiled modules, its page and styles, and the libraries they use.
 *
 * There is no bundler. The page has an import map that says where the libraries are; a script in a page
 * needs its hash in the policy, which is computed here from the page itself, so the two cannot differ.
 * Everything is served by this server: the dashboard works where nothing else can be reached.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFolder } from "../io/package-files.ts";
import type { StaticFile, StaticSite } from "./static-site.ts";

/** What tsc writes. */
const MODULES = join(packageFolder, "dist/src/dashboard");
/** What it does not write stands where it was written. */
const SOURCES = join(packageFolder, "src/dashboard");
const PAGE = "index.html";

/** Files of packages by the names under which the page's import map and links know them. */
const LIBRARIES: Readonly<Record<string, string>> = {
  "preact.mjs": import.meta.resolve("preact"),
  "preact-hooks.mjs": import.meta.resolve("preact/hooks"),
  "htm.mjs": import.meta.resolve("htm"),
  "uplot.mjs": new URL("uPlot.esm.js", import.meta.resolve("uplot")).href,
  "uplot.css": new URL("uPlot.min.css", import.meta.resolve("uplot")).href,
};

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
};

/** Reads the files; throws an Error when one is missing. */
export function readDashboard(): StaticSite {
  const files = new Map<string, StaticFile>();
  for (const [name, url] of Object.entries(LIBRARIES)) {
    files.set(`/assets/${name}`, fileOf(fileURLToPath(url)));
  }
  for (const name of readdirSync(MODULES, { recursive: true, encoding: "utf8" })) {
    if (extname(name) !== ".js") continue;
    files.set(`/assets/${name.replaceAll("\\", "/")}`, fileOf(join(MODULES, name)));
  }
  for (const name of readdirSync(SOURCES)) {
    if (extname(name) === ".css" || extname(name) === ".svg") {
      files.set(`/assets/${name}`, fileOf(join(SOURCES, name)));
    }
  }
  const page = fileOf(join(SOURCES, PAGE));
  files.set("/", page);
  return {
    isOpen: true,
    scriptHashes: [importMapHash(page.body.toString("utf8"))],
    find: (path) => files.get(path),
  };
}

/** The source of a policy that allows the import map of a page; throws an Error when it has none. */
export function importMapHash(page: string): string {
  const [, text] = /<script type="importmap">(.*?)<\/script>/s.exec(page) ?? [];
  if (text === undefined) throw new Error("the page has no import map");
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function fileOf(path: string): StaticFile {
  const body = readFileSync(path);
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  return { contentType: TYPES[extname(path)] ?? "application/octet-stream", body, etag };
}
