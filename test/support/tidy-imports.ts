/**
 * Tidy rules about who may import whom, and about what pure folders must not touch.
 *
 * The core decides and never touches the world; that is why it can be simulated. One forgotten
 * clock reading or one upward import would end that quietly, so every file is checked.
 * Biome checks some of it in the editor; these rules need no tool and also see `import type`.
 */
import { posix } from "node:path";
import { codeOnly } from "./source-text.ts";

/** Lowest first: a file imports from its own layer or from lower ones. */
const layers = [
  "util",
  "core",
  "cluster",
  "journal",
  "protocol",
  "config",
  "info",
  "commands",
  "io",
  "http",
  "client",
  "cli",
  "node.ts",
  "main.ts",
];

/** Runs in browsers: it imports nothing of the server, and the server nothing of it. */
const BROWSER = "dashboard";

/** Gives fast-check a seed, for all. */
const FAST_CHECK = "test/support/fast-check.ts";

/** All layers below the first that touches the world. */
const pureLayers = new Set(layers.slice(0, layers.indexOf("io")));

/** Whose files may import these; the server knows nothing of its clients. */
const importersOnly: Record<string, string[]> = { client: ["client", "cli"], cli: ["cli"] };

const impure =
  /\bDate\b|\bMath\s*\.\s*random\b|\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b|\bprocess\s*\.|\bperformance\s*\.|\bcrypto\s*\.|\bglobalThis\b|\bconsole\b|\bPromise\b|\bawait\b|\basync\s*(?:function\b|\(|\*|[\w$#]+\s*[=(])/g;

/** The module names a source file imports, exports from or loads dynamically. */
export function importedModules(source: string): string[] {
  const code = codeOnly(source);
  const pattern = /\b(?:from\s*|import\s*\(?\s*)(["'])([^"'\n]+)\1/g;
  return [...source.matchAll(pattern)]
    .filter((match) => /[a-z]/.test(code[match.index] ?? ""))
    .map((match) => match[2] ?? "");
}

/** Imports of src/ files that point upwards or out of src/. */
export function importDirectionProblems(path: string, source: string): string[] {
  const layer = layerOf(path);
  if (layer === undefined) return [];
  if (!layers.includes(layer) && layer !== BROWSER) {
    return [`src/${layer} is not one of the known layers`];
  }
  return importedModules(source)
    .filter((module) => module.startsWith("."))
    .map((module) => posix.join(posix.dirname(path), module))
    .filter((target) => !mayImport(layer, layerOf(target)))
    .map((target) => `imports ${target}, which is not below ${layer}`);
}

/** Clocks, chance, timers, promises and modules of the outside in a pure folder. */
export function purityProblems(path: string, source: string): string[] {
  const layer = layerOf(path);
  if (layer === undefined || !pureLayers.has(layer)) return [];
  const modules = importedModules(source).filter((module) => !module.startsWith("."));
  const words = [...codeOnly(source).matchAll(impure)].map((match) => match[0]);
  return [
    ...modules.map((module) => `a pure folder imports ${module}`),
    ...words.map((word) => `a pure folder uses ${word}`),
  ];
}

/** fast-check taken from anywhere but the module that gives it the seed of the run. */
export function seedProblems(path: string, source: string): string[] {
  if (path === FAST_CHECK || !importedModules(source).includes("fast-check")) return [];
  return [`imports fast-check: ${FAST_CHECK} has it with a seed`];
}

/** `src/core/job.ts` is in `core`, `src/main.ts` is its own layer, other trees have none. */
function layerOf(path: string): string | undefined {
  const parts = path.split("/");
  return parts[0] === "src" ? parts[1] : undefined;
}

function mayImport(layer: string, target: string | undefined): boolean {
  if (layer === BROWSER) return target === BROWSER;
  if (target === undefined || !layers.includes(target)) return false;
  const allowed = importersOnly[target];
  if (allowed !== undefined) return allowed.includes(layer);
  return layers.indexOf(target) <= layers.indexOf(layer);
}
