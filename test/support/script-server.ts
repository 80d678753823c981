/**
 * A server that answers every request by a function, for tests of clients: plain or with TLS.
 *
 * It understands arrays of bulk strings only, which is all that clients send, and knows no command itself.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { atEnd } from "./cleanup.ts";

/** Answers a request with bytes; undefined: with nothing. */
export type Answer = (words: string[], socket: Socket) => string | Buffer | undefined;

/** A running server. */
export interface ScriptServer {
  readonly port: number;
  /** Requests so far, words joined by blanks. */
  readonly seen: string[];
  /** Cuts all connections. */
  cut(): void;
  /** Cuts all connections and listens no more. */
  stop(): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1; it ends with the test. */
export async function startScriptServer(
  t: TestContext,
  answer: Answer,
  tls?: TlsOptions,
): Promise<ScriptServer> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    let unread = "";
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    socket.setEncoding("latin1").on("data", (text: string) => {
      unread += text;
      for (let taken = request(unread); taken !== undefined; taken = request(unread)) {
        unread = unread.slice(taken.length);
        seen.push(taken.words.join(" "));
        const reply = answer(taken.words, socket);
        if (reply !== undefined && socket.writable) socket.write(reply, "latin1");
      }
    });
  };
  const server: Server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const stop = (): Promise<void> => {
    cut();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  atEnd(t, async () => {
    if (server.listening) await stop();
  });
  const address = server.address();
  return { port: typeof address === "object" && address ? address.port : 0, seen, cut, stop };
}

/** The first whole request of a text; undefined when there is none yet. */
function request(text: string): { words: string[]; length: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return undefined;
  const words: string[] = [];
  let at = head[0].length;
  while (words.length < Number(head[1])) {
    const bulk = /^\$(\d+)\r\n/.exec(text.slice(at, at + 32));
    if (bulk === null) return undefined;
    const start = at + bulk[0].length;
    at = start + Number(bulk[1]) + 2;
    if (text.length < at) return undefined;
    words.push(text.slice(start, at - 2));
  }
  return { words, length: at };
}
