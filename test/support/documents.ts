/**
 * Documents, or parts of them, that are made from tables in the sources.
 *
 * A part stands between two marker lines, `<!-- name -->` and `<!-- /name -->`, in a document written by
 * hand. `npm run docs` writes them, a test says when they are stale.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { subcommandTable } from "../../src/cli/subcommands.ts";
import { commandTables } from "../../src/commands/documentation.ts";
import { commandSpecs } from "../../src/commands/table.ts";
import { renderConfigFile, renderDirectiveTable } from "../../src/config/render.ts";
import { metricTable } from "../../src/http/metric-table.ts";
import { repositoryRoot } from "./repository-files.ts";

/** Something generated and the place where it belongs. */
export interface GeneratedPart {
  readonly file: string;
  /** Name of the markers around it; undefined: it is the whole file. */
  readonly marker: string | undefined;
  readonly text: () => string;
}

/** All of them. */
export const generatedParts: readonly GeneratedPart[] = [
  { file: "README.md", marker: "commands", text: () => commandTables(commandSpecs) },
  { file: "README.md", marker: "directives", text: renderDirectiveTable },
  { file: "README.md", marker: "subcommands", text: subcommandTable },
  { file: "README.md", marker: "metrics", text: metricTable },
  { file: "conf/ringq.conf", marker: undefined, text: renderConfigFile },
];

/** The document with the part renewed; undefined when it lacks the markers. */
export function renewed(document: string, part: GeneratedPart): string | undefined {
  if (part.marker === undefined) return part.text();
  const first = `<!-- ${part.marker} -->\n`;
  const last = `<!-- /${part.marker} -->`;
  const start = document.indexOf(first);
  const end = document.indexOf(last, start);
  if (start < 0 || end < 0) return undefined;
  return `${document.slice(0, start + first.length)}\n${part.text()}\n${document.slice(end)}`;
}

/** What is wrong with the part in the repository; undefined: nothing, or there is no such document. */
export function staleness(part: GeneratedPart): string | undefined {
  const path = join(repositoryRoot, part.file);
  if (!existsSync(path)) return undefined;
  const document = readFileSync(path, "utf8");
  const wanted = renewed(document, part);
  if (wanted === undefined) return `${part.file} has no markers <!-- ${part.marker} -->`;
  return wanted === document ? undefined : `${part.file} is stale: run \`npm run docs\``;
}

/** Writes the part into its document. Returns a sentence about what happened; throws without markers. */
export function write(part: GeneratedPart): string {
  const path = join(repositoryRoot, part.file);
  const problem = staleness(part);
  const what = part.marker === undefined ? part.file : `${part.file} (${part.marker})`;
  if (!existsSync(path)) return `${what}: no such file, nothing done`;
  if (problem === undefined) return `${what}: up to date`;
  const wanted = renewed(readFileSync(path, "utf8"), part);
  if (wanted === undefined) throw new Error(problem);
  writeFileSync(path, wanted);
  return `${what}: written`;
}
