/**
 * The text of INFO: sections of `name:value` lines.
 *
 * Programs take it apart at line ends, at the first colon and, some of them, at every `#`; so no value
 * contains a line end or a `#`.
 */
import { INFO_SECTIONS, type InfoField } from "./field.ts";
import { infoFields } from "./fields.ts";
import type { InfoSource } from "./source.ts";

const COMMAND_STATS = "Commandstats";

/** Which sections INFO can show, in order. */
const SECTIONS: readonly string[] = [...INFO_SECTIONS, COMMAND_STATS];

/** Sections the reference does not have; its users' programs know the others and their order. */
const OURS: readonly string[] = ["Cluster", "Bus"];

/**
 * The text for an argument of INFO: "default" is the reference's sections but Commandstats, "all" those
 * with it, "everything" all there are, any other word (case ignored) is one section, and the text is
 * empty when there is none of that name.
 */
export function infoText(source: InfoSource, wanted: string): string {
  return sectionsFor(wanted.toLowerCase())
    .map((section) => `# ${section}\r\n${linesOf(section, source).join("")}`)
    .join("\r\n");
}

function sectionsFor(wanted: string): readonly string[] {
  if (wanted === "everything") return SECTIONS;
  if (wanted === "all") return SECTIONS.filter((section) => !OURS.includes(section));
  if (wanted === "default") return INFO_SECTIONS.filter((section) => !OURS.includes(section));
  return SECTIONS.filter((section) => section.toLowerCase() === wanted);
}

function linesOf(section: string, source: InfoSource): string[] {
  if (section === COMMAND_STATS) return source.commandLines.map((line) => `${line}\r\n`);
  return infoFields
    .filter((field) => field.section === section && (field.isShown?.(source) ?? true))
    .map((field) => `${field.name}:${textOf(field, source)}\r\n`);
}

function textOf(field: InfoField, source: InfoSource): string {
  const value = field.read(source);
  if (typeof value === "number") return value.toFixed(field.decimals);
  return value.replace(/[\p{Cc}#]/gu, "?");
}
