/**
 * Tidy rules about size: a file holds one concept, a function fits on a screen.
 *
 * Functions are found by their braces, not by a parser (TypeScript 7 offers none to programs): a
 * brace after an arrow, or after a parameter list that does not belong to a control statement.
 */
import { codeOnly } from "./source-text.ts";

const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 60;

interface OpenBrace {
  isFunction: boolean;
  name: string;
  line: number;
}

/** Files that have too many lines. */
export function fileSizeProblems(_path: string, source: string): string[] {
  const lines = source.replace(/\n$/, "").split("\n").length;
  return lines > FILE_LINES_MAX ? [`${lines} lines, more than ${FILE_LINES_MAX}`] : [];
}

/** Functions, methods and arrow functions with a body that have too many lines. */
export function functionSizeProblems(_path: string, source: string): string[] {
  return functionSizes(source)
    .filter((found) => found.lines > FUNCTION_LINES_MAX)
    .map((found) => `"${found.name}" has ${found.lines} lines, more than ${FUNCTION_LINES_MAX}`);
}

/** Every function body with its number of lines, from the start of its statement to its end. */
export function functionSizes(source: string): { name: string; lines: number }[] {
  const code = codeOnly(source);
  const open: OpenBrace[] = [];
  const found: { name: string; lines: number }[] = [];
  let headStart = 0;
  let line = 1;
  for (let at = 0; at < code.length; at++) {
    const char = code[at];
    if (char === "\n") line++;
    else if (char === "{") {
      open.push(openBrace(code.slice(headStart, at), source.slice(headStart, at), line));
      headStart = at + 1;
    } else if (char === "}") {
      const brace = open.pop();
      if (brace?.isFunction) found.push({ name: brace.name, lines: line - brace.line + 1 });
      headStart = at + 1;
    } else if (char === ";") headStart = at + 1;
  }
  return found;
}

/** What a brace opens, judged by the code since the last brace or semicolon. */
function openBrace(code: string, source: string, line: number): OpenBrace {
  const head = code.trim();
  const headLines = code.trimStart().split("\n").length - 1;
  const isArrow = head.endsWith("=>");
  const isControl = /^(?:else\s+)?(?:if|for|while|switch|catch)\b/.test(head);
  const isDeclared = !isControl && /\)\s*(?::[^=]*)?$/.test(head);
  return {
    isFunction: isArrow || isDeclared,
    name: source.slice(-code.trimStart().length).replace(/\s+/g, " ").slice(0, 60),
    line: line - headLines,
  };
}
