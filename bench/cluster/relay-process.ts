/**
 * A process that passes messages on and does nothing else: one node of the relay (relay.ts).
 *
 * Like a node it does its work at the end of a turn, with one write per socket. The arguments are the
 * bus ports of others: with them it is the node that producers speak to, without the one where consumers
 * wait, or a third. It says its ports as one line of JSON. Requests are told by a word in them, not read,
 * so only the loads of this folder can use it.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import { QUEUE } from "../suite.ts";

const STORE = 1;
const STORED = 2;
const PUSH = 3;
/** About what ringq sends for a job of 100 bytes. */
const MESSAGE_BYTES = 200;
const ID = "D-01234567-0123456789ABCDEF01234567-05a1";
const BODY = "x".repeat(100);
const ADDED = `+${ID}\r\n`;
const ACKED = ":1\r\n";
const JOB = `*1\r\n*3\r\n$${QUEUE.length}\r\n${QUEUE}\r\n$${ID.length}\r\n${ID}\r\n$${BODY.length}\r\n${BODY}\r\n`;

const peers = process.argv.slice(2).map((port) => {
  const socket = connect({ port: Number(port), host: "127.0.0.1", noDelay: true });
  const peer = { socket, stored: 0 };
  onMessages(socket, () => {
    peer.stored++;
    setImmediate(passOn);
  });
  return peer;
});

/** Jobs that have gone on to the consumer's node. */
let passed = 0;
let producer: Socket | undefined;
let consumer: Socket | undefined;
/** Jobs and requests for one that have not met yet. */
let jobs = 0;
let takes = 0;

/** Jobs that all peers have stored. */
function passOn(): void {
  for (const stored = Math.min(...peers.map((peer) => peer.stored)); passed < stored; passed++) {
    peers[0]?.socket.write(message(PUSH));
    producer?.write(ADDED);
  }
}

function pushed(): void {
  jobs++;
  setImmediate(handOut);
}

function handOut(): void {
  while (jobs > 0 && takes > 0) {
    jobs--;
    takes--;
    consumer?.write(JOB);
  }
}

function onRequests(socket: Socket): void {
  socket.setEncoding("latin1").on("data", (text: string) => {
    const adds = countOf("ADDJOB", text);
    if (adds > 0) {
      producer = socket;
      setImmediate(() => {
        for (const peer of peers) peer.socket.write(Buffer.alloc(adds * MESSAGE_BYTES, STORE));
      });
      return;
    }
    consumer = socket;
    takes += countOf("GETJOB", text);
    socket.write(ACKED.repeat(countOf("ACKJOB", text)));
    setImmediate(handOut);
  });
}

/** Calls back for each message by its first byte. */
function onMessages(socket: Socket, received: (type: number) => void): void {
  let arrived = 0;
  socket.on("data", (bytes) => {
    for (let i = 0; i < bytes.length; i++, arrived++) {
      if (arrived % MESSAGE_BYTES === 0) received(bytes[i] as number);
    }
  });
}

function countOf(word: string, text: string): number {
  return text.split(word).length - 1;
}

function message(type: number): Buffer {
  return Buffer.alloc(MESSAGE_BYTES, type);
}

const clients = createServer({ noDelay: true }, onRequests);
const bus = createServer({ noDelay: true }, (socket) => {
  onMessages(socket, (type) => {
    if (type === PUSH) pushed();
    else setImmediate(() => socket.write(message(STORED)));
  });
});

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

clients.listen(0, "127.0.0.1", () => {
  bus.listen(0, "127.0.0.1", () => {
    process.stdout.write(`${JSON.stringify({ port: portOf(clients), busPort: portOf(bus) })}\n`);
  });
});
