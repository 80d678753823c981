/**
 * INFO as a table of names and values.
 *
 * Headings are left out: names are different in all sections.
 */
import type { Connection } from "./connection.ts";
import { textOf } from "./reply.ts";

/** The fields of INFO. */
export class InfoFields {
  readonly #values: ReadonlyMap<string, string>;

  constructor(text: string) {
    const lines = text.split(/\r?\n/).filter((line) => !line.startsWith("#"));
    this.#values = new Map(
      lines.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1)];
      }),
    );
  }

  /** The text of a field; "" when the server has none of that name. */
  text(name: string): string {
    return this.#values.get(name) ?? "";
  }

  /** The number of a field; NaN when the server has none of that name. */
  number(name: string): number {
    const text = this.text(name);
    return text === "" ? Number.NaN : Number(text);
  }
}

/** Asks for all sections, or one. Rejects as `ask`. */
export async function readInfo(
  connection: Connection,
  section = "everything",
): Promise<InfoFields> {
  return new InfoFields(textOf(await connection.ask("INFO", section)));
}
