/**
 * How many connections HTTP may have, and which one goes when there is one more.
 *
 * Whoever reaches the port can open connections and say nothing, so newcomers are not refused: a health
 * check would be among them, and the service manager would end a server that is well. The connection
 * that has been without a request for the longest time goes. One whose request is under way has shown a
 * password, or is served at once, and stays; only when all are such the newcomer goes.
 */
import type { Socket } from "node:net";

/** The connections of one server, raw or encrypted. */
export class HttpConnections {
  readonly #max: number;
  /** By the address of the other end: encryption puts another socket in the place of the first. */
  readonly #all = new Map<string, Socket>();
  /** Those of them without a request, the longest ones first. */
  readonly #idle = new Set<string>();

  /** @param max connections at a time */
  constructor(max: number) {
    this.#max = max;
  }

  get count(): number {
    return this.#all.size;
  }

  /** There is a connection, or the one of that address goes on encrypted. */
  opened(socket: Socket): void {
    const key = keyOf(socket);
    this.#all.set(key, socket);
    this.#idle.add(key);
    socket.once("close", () => {
      if (this.#all.get(key) !== socket) return;
      this.#all.delete(key);
      this.#idle.delete(key);
    });
    if (this.#all.size > this.#max) this.#end(this.#idle.values().next().value ?? key);
  }

  /** A request has begun; it is over when `response` is closed. */
  asked(socket: Socket, response: NodeJS.EventEmitter): void {
    const key = keyOf(socket);
    this.#idle.delete(key);
    response.once("close", () => {
      if (this.#all.has(key)) this.#idle.add(key);
    });
  }

  #end(key: string): void {
    const socket = this.#all.get(key);
    this.#all.delete(key);
    this.#idle.delete(key);
    socket?.destroy();
  }
}

/** Known as long as the connection is there, and the same for both of its sockets. */
function keyOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
