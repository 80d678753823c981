/**
 * A connection that is there when it is needed: it connects again, and follows nodes that leave.
 *
 * A node that leaves its cluster answers `-LEAVING` and has done nothing then, so the command may be said to
 * another node. A command whose connection broke is never repeated: it may have been done.
 */
import { printAddress, type ServerAddress } from "./address.ts";
import { Connection } from "./connection.ts";
import { ErrorReply, listOf, numberOf, type Reply, textOf } from "./reply.ts";
import type { Argument } from "./request.ts";
import { elsewhere, type Target } from "./target.ts";

/** A whole cluster may be leaving; somebody has to say so in the end. */
const MOVES_MAX = 4;
/** HELLO gives this to nodes that nobody should use. */
const PRIORITY_UNUSABLE = 100;

/** Keeps a connection to one server, or to one that took its place. */
export class SteadyConnection {
  #target: Target;
  #connection: Connection | undefined;
  #opening: Promise<Connection> | undefined;
  readonly #onMove: (from: string, to: string) => void;

  /** Connects with the first call. `onMove` hears of addresses when a node that leaves is followed. */
  constructor(target: Target, onMove: (from: string, to: string) => void = () => undefined) {
    this.#target = target;
    this.#onMove = onMove;
  }

  /** Where it is connected to, or would be. */
  get address(): ServerAddress {
    return this.#target.address;
  }

  get isOpen(): boolean {
    return this.#connection?.isOpen === true;
  }

  /** The connection, a new one when the last has ended. Rejects as Connection.open. */
  async connect(): Promise<Connection> {
    if (this.#connection?.isOpen) return this.#connection;
    this.#opening ??= Connection.open(this.#target);
    try {
      this.#connection = await this.#opening;
    } finally {
      this.#opening = undefined;
    }
    return this.#connection;
  }

  /** Sends a command and resolves with its reply, errors included. Rejects with ConnectionError. */
  async call(...args: readonly Argument[]): Promise<Reply> {
    for (let moves = 0; ; moves++) {
      const connection = await this.connect();
      const reply = await connection.call(...args);
      const isLeaving = reply instanceof ErrorReply && reply.word === "LEAVING";
      if (!isLeaving || moves === MOVES_MAX || !(await this.#move(connection))) return reply;
    }
  }

  /** Logs in with this from the next connection on. */
  rememberLogin(user: string | undefined, password: string): void {
    const { user: _former, ...rest } = this.#target;
    this.#target = { ...rest, ...(user !== undefined && { user }), password };
  }

  /** Closes; the next call connects again. */
  close(reason?: string): void {
    this.#connection?.close(reason);
    this.#connection = undefined;
  }

  /** Goes to the best of the other nodes; false: there is none that answers. */
  async #move(connection: Connection): Promise<boolean> {
    for (const { host, port } of await othersOf(connection)) {
      const target = elsewhere(this.#target, host, port);
      const next = await Connection.open(target).catch(() => undefined);
      if (next === undefined) continue;
      const from = this.#target.address;
      this.#connection = next;
      this.#target = target;
      connection.close();
      this.#onMove(printAddress(from), printAddress(target.address));
      return true;
    }
    return false;
  }
}

/** The nodes HELLO recommends beside the one that is asked, best first. */
async function othersOf(connection: Connection): Promise<{ host: string; port: number }[]> {
  const [, ownId, ...rows] = listOf(await connection.call("HELLO"));
  const own = textOf(ownId);
  return rows
    .map(listOf)
    .filter(([id]) => textOf(id) !== own)
    .map(([, host, port, priority]) => ({
      host: textOf(host),
      port: numberOf(port),
      priority: numberOf(priority),
    }))
    .filter(({ host, port, priority }) => host !== "" && port > 0 && priority < PRIORITY_UNUSABLE)
    .sort((a, b) => a.priority - b.priority);
}
