/**
 * QSCAN and JSCAN to their ends: cursors are followed, pages come one after the other.
 *
 * A page is asked for when the last one has been dealt with, so a server with millions of jobs keeps
 * answering others in between, and nothing piles up here.
 */
import type { Connection } from "./connection.ts";
import { bytesOf, listOf, type Reply, textOf } from "./reply.ts";
import type { Argument } from "./request.ts";

/** Elements the server looks at for one page. */
const PAGE_COUNT = 1000;

/** The elements of a scan, page by page. Rejects as `ask`. */
export async function* scanPages(
  connection: Connection,
  command: "QSCAN" | "JSCAN",
  ...options: readonly Argument[]
): AsyncGenerator<Reply[]> {
  let cursor = "0";
  do {
    const page = await connection.ask(command, cursor, "COUNT", PAGE_COUNT, ...options);
    const [next, elements] = listOf(page);
    cursor = textOf(next);
    yield listOf(elements);
  } while (cursor !== "0" && cursor !== "");
}

/** The names of all queues of a node, each once, as bytes in latin1. */
export async function queueNames(connection: Connection): Promise<string[]> {
  const names = new Set<string>();
  for await (const page of scanPages(connection, "QSCAN")) {
    for (const name of page) names.add(bytesOf(name).toString("latin1"));
  }
  return [...names];
}
