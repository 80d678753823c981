/**
 * Ports for servers that a test may kill and start again where they were.
 *
 * A port that the system chooses may be anybody's outgoing connection as soon as its server is down. These
 * lie below the ports that systems choose, also 10000 higher, where a server's bus is; and processes of tests
 * that run side by side take blocks of them, by listening at the first port of each. Whatever way such a
 * process ends, its blocks are free again.
 */
import { createServer, type Server } from "node:net";
import { BUS_PORT_DISTANCE } from "../../src/util/node-address.ts";

/** With the bus, 20,000 to 22,751 and 30,000 to 32,751: Linux gives away 32,768 and more, others 49,152. */
const FIRST_PORT = 20_000;
const BLOCK_PORTS = 64;
const BLOCKS = 43;

/** The blocks of this process; closed by its end. */
const claimed: Server[] = [];
/** Where to look for the next block: another one for each process, as they come one after the other. */
let nextBlock = process.pid % BLOCKS;
/** What is left of the newest block. */
let nextPort = 0;
let endPort = 0;
/** One at a time: tests of a file start servers at once. */
let turn: Promise<unknown> = Promise.resolve();

/** A port that nobody else is given, free at this moment with the one for the bus. */
export function reservePort(): Promise<number> {
  const reserved = turn.then(takePort);
  turn = reserved.catch(() => undefined);
  return reserved;
}

async function takePort(): Promise<number> {
  for (;;) {
    if (nextPort === endPort) await claimBlock();
    const port = nextPort++;
    if ((await isFree(port)) && (await isFree(port + BUS_PORT_DISTANCE))) return port;
  }
}

async function claimBlock(): Promise<void> {
  for (let tried = 0; tried < BLOCKS; tried++) {
    const first = FIRST_PORT + nextBlock * BLOCK_PORTS;
    nextBlock = (nextBlock + 1) % BLOCKS;
    const server = await listen(first);
    if (server === undefined) continue;
    claimed.push(server.unref());
    nextPort = first + 1;
    endPort = first + BLOCK_PORTS;
    return;
  }
  throw new Error(
    `all ${BLOCKS} blocks of test ports are taken (${claimed.length} by this process)`,
  );
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  await new Promise<void>((resolve) =>
    server === undefined ? resolve() : server.close(() => resolve()),
  );
  return server !== undefined;
}

/** Listens at the port; undefined: somebody else does. */
function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
