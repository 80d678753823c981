/**
 * What may be typed next: the hint behind the cursor, and what Tab completes.
 *
 * Both read the server's table of commands. They look at words only, and are silent rather than wrong when
 * a line is beyond them.
 */
import { type ArgumentSpec, usage } from "../../commands/command.ts";
import type { CommandTable } from "./command-table.ts";

/** The arguments that are still missing, as help writes them; "" when there is nothing to say. */
export function hintFor(table: CommandTable, line: string): string {
  const words = line.trimStart().split(/\s+/);
  const isWordOpen = !/\s$/.test(line);
  const help = table.get((words[0] ?? "").toLowerCase());
  if (help === undefined) return "";
  const typed = words.slice(1).filter((word) => word !== "");
  const { args, rest } = formOf(help.arguments, typed);
  // The word under the cursor is taken for finished: its hint would jump with every key.
  const missing = missingArguments(args, rest);
  const text = missing.map(argumentText).join(" ");
  return text === "" ? "" : `${isWordOpen ? " " : ""}${text}`;
}

/** What the last word can become, and that word: as readline wants it. */
export function completionsFor(table: CommandTable, line: string): [string[], string] {
  const words = line.trimStart().split(/\s+/);
  const last = words[words.length - 1] ?? "";
  const candidates = words.length === 1 ? namesOf(table) : wordsAfter(table, words.slice(0, -1));
  const isLower = last !== "" && last === last.toLowerCase();
  const found = candidates
    .filter((word) => word.toUpperCase().startsWith(last.toUpperCase()))
    .map((word) => `${isLower ? word.toLowerCase() : word} `);
  return [[...new Set(found)], last];
}

function namesOf(table: CommandTable): string[] {
  return [...table.keys(), "help", "exit"].map((name) => name.toUpperCase()).sort();
}

/** Words of the command's own that may follow: its forms, or its options that are not there yet. */
function wordsAfter(table: CommandTable, words: readonly string[]): string[] {
  const [name = "", ...typed] = words.map((word) => word.toUpperCase());
  if (name === "HELP") return typed.length === 0 ? namesOf(table) : [];
  const help = table.get(name.toLowerCase());
  if (help === undefined) return [];
  const forms = formsOf(help.arguments);
  if (forms.length > 0 && typed.length === 0) return forms.flatMap(tokensOf);
  const { args, rest } = formOf(help.arguments, typed);
  return args.flatMap(tokensOf).filter((token) => !rest.includes(token));
}

/** A command that is nothing but a choice of forms has them in one argument. */
function formsOf(args: readonly ArgumentSpec[]): readonly ArgumentSpec[] {
  const only = args.length === 1 ? args[0] : undefined;
  return only?.type === "oneof" ? (only.parts ?? []) : [];
}

/** The arguments of the form that is typed, and the words behind its name. */
function formOf(
  args: readonly ArgumentSpec[],
  typed: readonly string[],
): { args: readonly ArgumentSpec[]; rest: readonly string[] } {
  const form = formsOf(args).find((each) => tokensOf(each)[0] === typed[0]?.toUpperCase());
  if (form === undefined) return { args, rest: typed };
  return { args: form.type === "block" ? (form.parts ?? []).slice(1) : [], rest: typed.slice(1) };
}

/** Words that stand for themselves: of a token, of what has one before it, of a choice of tokens. */
function tokensOf(argument: ArgumentSpec): string[] {
  if (argument.token !== undefined) return [argument.token];
  const parts = argument.parts ?? [];
  if (argument.type === "oneof") return parts.flatMap(tokensOf);
  return argument.type === "block" && parts[0] !== undefined ? tokensOf(parts[0]) : [];
}

/** Required ones are used up in order, options by their names. */
function missingArguments(args: readonly ArgumentSpec[], typed: readonly string[]): ArgumentSpec[] {
  const upper = typed.map((word) => word.toUpperCase());
  const last = upper[upper.length - 1];
  const missing: ArgumentSpec[] = [];
  let left = typed.length;
  for (const argument of args) {
    const token = argument.token;
    if (token !== undefined) {
      if (!upper.includes(token)) missing.push(argument);
      // Its value comes next.
      else if (last === token && argument.type !== "token") return [bareValue(argument)];
      else if (argument.isMultiple === true) {
        missing.push({ ...bareValue(argument), isOptional: true });
      }
    } else if (argument.isMultiple === true) {
      missing.push(left > 0 ? { ...argument, isOptional: true } : argument);
    } else if (left > 0) left--;
    else missing.push(argument);
  }
  return missing;
}

function bareValue({ token: _token, ...value }: ArgumentSpec): ArgumentSpec {
  return { ...value, isOptional: false };
}

function argumentText(argument: ArgumentSpec): string {
  return usage({ name: "", arguments: [argument] }).trim();
}
