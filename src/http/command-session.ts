/**
 * Commands on behalf of somebody who came by HTTP, through the gates and handlers of all clients.
 *
 * One session for one request: it is a real `ClientConnection` without a network, so rights, limits,
 * errors and the order of a turn are those of the commands, and nothing is decided twice. It has logged
 * in, because access.ts has let the request pass.
 */
import type { Socket } from "node:net";
import RedisParser from "redis-parser";
import type { CommandTable } from "../commands/command-table.ts";
import { ClientConnection } from "../io/client-connection.ts";
import type { Clients } from "../io/clients.ts";
import type { Endpoints } from "../io/endpoints.ts";
import { fullLimits } from "../protocol/request.ts";
import { ApiError, fromCommandError, removedCommand } from "./api-error.ts";
import { MemorySocket } from "./memory-socket.ts";

/** A command that is held back or waits longer than this is given up. */
const REPLY_MS_MAX = 60_000;

/** A reply: bulk strings are bytes, integers are text (they may be beyond 2^53), nothing is null. */
export type CommandReply = Buffer | string | null | CommandReply[];

/** An argument of a command; text is sent as UTF-8. */
export type CommandArgument = string | number | Buffer;

/** Runs commands one after the other. */
export class CommandSession {
  readonly #connection: ClientConnection;
  readonly #commands: CommandTable;
  readonly #socket: MemorySocket;
  #answer: ((reply: CommandReply | Error) => void) | undefined;

  constructor(clients: Clients, endpoints: Endpoints) {
    const parser = new RedisParser({
      returnBuffers: true,
      stringNumbers: true,
      returnReply: (reply: CommandReply) => this.#answered(reply),
      returnError: (error: Error) => this.#answered(error),
    });
    // The parser keeps parts of what it is given, and the buffer is used again.
    this.#socket = new MemorySocket((chunk) => parser.execute(Buffer.from(chunk)));
    this.#commands = clients.server.commands;
    this.#connection = new ClientConnection(clients, endpoints, fullLimits());
    this.#connection.session.isAuthenticated = true;
    this.#connection.session.name = "http";
    clients.add(this.#connection);
    this.#connection.attach(this.#socket as unknown as Socket);
    this.#socket.on("close", () => this.#answered(gone()));
    this.#socket.resume();
  }

  /**
   * Runs one, named as in the table of commands, whatever clients call it here. Resolves at the end of
   * the turn in which it is answered. Rejects with an ApiError, also when no client may run it.
   */
  async run(command: string, ...args: readonly CommandArgument[]): Promise<CommandReply> {
    const name = this.#commands.givenName(command.toLowerCase());
    if (name === undefined) throw removedCommand(command);
    let timer: NodeJS.Timeout | undefined;
    const reply = await new Promise<CommandReply | Error>((resolve) => {
      this.#answer = resolve;
      timer = setTimeout(() => resolve(tooLate()), REPLY_MS_MAX);
      const bytes = requestBytes([name.toUpperCase(), ...args]);
      this.#connection.received(bytes, bytes.length);
    });
    clearTimeout(timer);
    if (reply instanceof ApiError) throw reply;
    if (reply instanceof Error) throw fromCommandError(reply.message);
    return reply;
  }

  /** The request is answered, or whoever made it is gone. */
  close(): void {
    this.#socket.destroy();
  }

  #answered(reply: CommandReply | Error): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(reply);
  }
}

function requestBytes(args: readonly CommandArgument[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = Buffer.isBuffer(arg) ? arg : Buffer.from(String(arg), "utf8");
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
  }
  return Buffer.concat(parts);
}

function gone(): ApiError {
  return new ApiError(503, "CLOSED", "The session of this request was closed by the server.");
}

function tooLate(): ApiError {
  return new ApiError(503, "TIMEOUT", "The command was not answered in time.");
}
