/**
 * The warm-up: some jobs live on two nodes in memory before anybody is served.
 *
 * V8 interprets what has not run often. On a server that has just started every step of a job would be as
 * slow as that: the first job of a cluster took 44 to 55 ms, and takes 18. So what every job goes through
 * runs before the first client comes: requests, replies, copies, messages, leases, acknowledgements. It
 * leaves nothing behind. Sockets are not warmed, and later single jobs are no faster for it.
 */
import { cpuUsage } from "node:process";
import xxhash from "xxhash-wasm";
import type { Config } from "../../config/config.ts";
import type { Logger } from "../logger.ts";
import { World } from "../world.ts";
import { StageNode } from "./stage-node.ts";

/** Everything is compiled by then. */
const ROUNDS_MAX = 1000;
/** What is under way in a round has arrived by then. */
const TURNS_MAX = 12;
const QUEUE = "warm-up";
const ADD = request("ADDJOB", QUEUE, "x".repeat(100), "0", "REPLICATE", "2");
const ADD_SOME = Buffer.concat([ADD, ADD, request("PING")]);
const WAIT = request("GETJOB", "TIMEOUT", "1000", "FROM", QUEUE);
const TAKE = request("GETJOB", "NOHANG", "COUNT", "2", "FROM", QUEUE);
const SILENT_LOG = {
  debug: () => {},
  verbose: () => {},
  notice: () => {},
  warning: () => {},
  fatal: () => {},
} as const satisfies Logger;

/** Jobs delivered by the node that had them, and by the other one. */
export interface Deliveries {
  here: number;
  there: number;
}

/** Runs for `warm-up-ms` of processor time. */
export async function warmUp(config: Config): Promise<Deliveries> {
  const deliveries = { here: 0, there: 0 };
  const cpuMicrosMax = config.settings["warm-up-ms"] * 1000;
  if (cpuMicrosMax === 0) return deliveries;
  const { h64Raw } = await xxhash();
  const actions = { identityChanged: () => {}, saveIdentity: () => undefined, shutdown: () => {} };
  const world = new World({ configFile: "", executable: "", version: "" }, actions, SILENT_LOG);
  const [oneId, otherId] = [world.randomHex40(), world.randomHex40()];
  const parts = { config, world, xxh64: (bytes: Uint8Array) => h64Raw(bytes) };
  const one = new StageNode({ ...parts, nodeId: oneId, peerId: otherId });
  const other = new StageNode({ ...parts, nodeId: otherId, peerId: oneId });
  one.connect();
  other.connect();
  settle(world, one, other);
  const before = cpuUsage();
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const { user, system } = cpuUsage(before);
    if (user + system > cpuMicrosMax) break;
    play(world, one, other, deliveries);
    play(world, other, one, deliveries);
  }
  return deliveries;
}

/** Jobs are added at one node, for a client who waits at the other one and for one who comes later. */
function play(
  world: World,
  producer: StageNode,
  consumer: StageNode,
  deliveries: Deliveries,
): void {
  consumer.client.send(WAIT);
  settle(world, producer, consumer);
  producer.client.send(ADD_SOME);
  settle(world, producer, consumer);
  producer.client.proceed();
  producer.client.takeIds();
  producer.client.send(TAKE);
  settle(world, producer, consumer);
  deliveries.here += acknowledge(producer);
  deliveries.there += acknowledge(consumer);
  settle(world, producer, consumer);
}

/** Acknowledges what its client was given. Returns how many that are. */
function acknowledge({ client }: StageNode): number {
  const ids = client.takeIds();
  if (ids.length > 0) client.send(request("ACKJOB", ...ids));
  return ids.length;
}

/** Turns of both nodes until nothing is on its way between them. */
function settle(world: World, one: StageNode, other: StageNode): void {
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    world.refresh();
    const toOther = one.turn();
    const toOne = other.turn();
    for (const frame of toOther) other.receive(frame);
    for (const frame of toOne) one.receive(frame);
    if (toOther.length + toOne.length === 0) return;
  }
}

function request(...args: string[]): Buffer {
  const parts = args.map((arg) => `$${arg.length}\r\n${arg}\r\n`);
  return Buffer.from(`*${args.length}\r\n${parts.join("")}`, "latin1");
}
