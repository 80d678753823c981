/**
 * Connections of the load generator: bytes out, bytes in, nothing else.
 *
 * All connections of a process read into one shared buffer (`onread`), so that receiving allocates
 * nothing; a handler must be done with the bytes when it returns.
 */
import { connect, type Socket } from "node:net";
import { Connection } from "../connection.ts";
import type { Target } from "../target.ts";
import { ReplyScanner } from "./reply-scanner.ts";

const sharedBuffer = Buffer.allocUnsafe(256 * 1024);

/** Called with the shared buffer and the number of bytes just received. */
export type BytesHandler = (bytes: Buffer, length: number) => void;

/** Whom to load. */
export interface LoadedServer {
  /** On this machine, unless `target` is given. */
  readonly port: number;
  /** A server that needs more than a port: a host, a password, TLS. */
  readonly target?: Target;
}

/**
 * A connection that is open. `onFailure` is called when it fails, when the server closes it, and
 * when `onBytes` throws: a load has no use for half of its connections.
 */
export function openConnection(
  { port, target }: LoadedServer,
  onBytes: BytesHandler,
  onFailure: (error: Error) => void,
): Promise<Socket> {
  if (target !== undefined) return openAt(target, onBytes, onFailure);
  return new Promise((resolve, reject) => {
    let isOpen = false;
    const fail = (error: Error) => (isOpen ? onFailure(error) : reject(error));
    const socket = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: {
        buffer: sharedBuffer,
        callback(length) {
          try {
            onBytes(sharedBuffer, length);
          } catch (error) {
            fail(error instanceof Error ? error : new Error(String(error)));
            socket.destroy();
          }
          return true;
        },
      },
    });
    socket.on("error", fail);
    socket.on("end", () => fail(new Error("the server closed a connection")));
    socket.on("connect", () => {
      isOpen = true;
      resolve(socket);
    });
  });
}

/** The same after a login, over whatever the target needs. */
async function openAt(
  target: Target,
  onBytes: BytesHandler,
  onFailure: (error: Error) => void,
): Promise<Socket> {
  const socket = (await Connection.open(target)).handOver();
  socket.on("data", (chunk: Buffer) => {
    try {
      onBytes(chunk, chunk.length);
    } catch (error) {
      onFailure(error instanceof Error ? error : new Error(String(error)));
      socket.destroy();
    }
  });
  socket.on("error", onFailure);
  socket.on("end", () => onFailure(new Error("the server closed a connection")));
  return socket;
}

/** Sends one request on a connection of its own and returns the raw reply; throws on an error. */
export async function ask(port: number, request: Buffer): Promise<Buffer> {
  const scanner = new ReplyScanner();
  const chunks: Buffer[] = [];
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  try {
    socket.write(request);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if (scanner.feed(chunk, chunk.length) > 0) return Buffer.concat(chunks);
    }
    throw new Error("the server closed the connection without a reply");
  } finally {
    socket.destroy();
  }
}
