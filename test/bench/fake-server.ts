/**
 * The least that the load generator can talk to: ADDJOB (refused for the queue of that name), blocking
 * GETJOB, ACKJOB and PING.
 *
 * It counts what it saw, so that a test can compare that with what the generator says. Written for
 * clarity; it reads requests by cutting strings.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";

interface Job {
  readonly id: string;
  readonly queue: string;
  readonly body: string;
}

interface Queue {
  readonly jobs: Job[];
  readonly waiters: { readonly socket: Socket; readonly count: number }[];
}

const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;

/** A server that listens until `stop`. */
export class FakeServer {
  /** Requests seen, by command. */
  readonly seen = new Map<string, number>();
  /** Ids acknowledged. */
  readonly acked = new Set<string>();
  readonly #queues = new Map<string, Queue>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #chunkBytes: number;
  #jobsAdded = 0;

  /** Replies are written in chunks of `chunkBytes`. */
  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes;
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  /** The port it listens on. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  /** Listens on a port the system chooses. */
  start(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  /** Closes everything. */
  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let text = "";
    socket.setEncoding("latin1").on("error", () => {});
    socket.on("data", (chunk: string) => {
      const { requests, rest } = cutRequests(text + chunk);
      text = rest;
      for (const args of requests) this.#run(socket, args);
    });
  }

  #run(socket: Socket, [command = "", ...args]: readonly string[]): void {
    this.seen.set(command, (this.seen.get(command) ?? 0) + 1);
    if (command === "PING") this.#say(socket, "+PONG\r\n");
    else if (command === "ADDJOB") this.#add(socket, args);
    else if (command === "GETJOB") this.#get(socket, args);
    else if (command === "ACKJOB") {
      for (const id of args) this.acked.add(id);
      this.#say(socket, `:${args.length}\r\n`);
    } else this.#say(socket, "-ERR unknown command\r\n");
  }

  #add(socket: Socket, [name = "", body = ""]: readonly string[]): void {
    if (name === "refused") {
      this.#say(socket, "-NOREPL not in time\r\n");
      return;
    }
    const id = `D-${String(this.#jobsAdded++).padStart(38, "0")}`;
    const queue = this.#queue(name);
    queue.jobs.push({ id, queue: name, body });
    this.#say(socket, `+${id}\r\n`);
    const waiter = queue.waiters.shift();
    if (waiter) this.#sayJobs(waiter.socket, queue, waiter.count);
  }

  #get(socket: Socket, args: readonly string[]): void {
    const queue = this.#queue(args.at(-1) ?? "");
    const count = Number(args[args.indexOf("COUNT") + 1]);
    if (queue.jobs.length > 0) this.#sayJobs(socket, queue, count);
    else if (args.includes("NOHANG")) this.#say(socket, "*-1\r\n");
    else queue.waiters.push({ socket, count });
  }

  #queue(name: string): Queue {
    const queue = this.#queues.get(name) ?? { jobs: [], waiters: [] };
    this.#queues.set(name, queue);
    return queue;
  }

  #sayJobs(socket: Socket, { jobs }: Queue, count: number): void {
    const taken = jobs.splice(0, count);
    const each = taken.map(({ queue, id, body }) => `*3\r\n${bulk(queue)}${bulk(id)}${bulk(body)}`);
    this.#say(socket, `*${taken.length}\r\n${each.join("")}`);
  }

  #say(socket: Socket, reply: string): void {
    for (let at = 0; at < reply.length; at += this.#chunkBytes) {
      socket.write(reply.slice(at, at + this.#chunkBytes), "latin1");
    }
  }
}

/** Starts a fake server that ends with the test. */
export async function startFakeServer(t: TestContext, chunkBytes = 65_536): Promise<FakeServer> {
  const server = new FakeServer(chunkBytes);
  await server.start();
  t.after(() => server.stop());
  return server;
}

/** The complete requests at the start of a text, and what follows them. No argument has a CRLF. */
function cutRequests(text: string): { requests: string[][]; rest: string } {
  const requests: string[][] = [];
  const lines = text.split("\r\n");
  let at = 0;
  for (;;) {
    const headerAndArgs = 1 + 2 * Number(lines[at]?.slice(1));
    // What follows the last CRLF is not a line yet.
    if (at + headerAndArgs >= lines.length) return { requests, rest: lines.slice(at).join("\r\n") };
    const values = lines.slice(at + 1, at + headerAndArgs);
    requests.push(values.filter((_, index) => index % 2 === 1));
    at += headerAndArgs;
  }
}
