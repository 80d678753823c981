/**
 * `ringq cluster create HOST:PORT...`: nodes that are alone become one cluster.
 *
 * Everything is looked at first: a node that cannot be reached, is given twice, or already has others beside
 * those named ends it before anything has changed. Then they are introduced, and waited for until each
 * sees all.
 */
import { lookup } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterNode, isMember, readClusterNodes } from "../../client/cluster-nodes.ts";
import { Connection } from "../../client/connection.ts";
import { numberOf, pairsOf, textOf } from "../../client/reply.ts";
import { elsewhere, type Target } from "../../client/target.ts";
import { systemErrorText } from "../../io/system-error.ts";
import { BUS_PORT_DISTANCE, type NodeAddress, parseNodeAddress } from "../../util/node-address.ts";
import { FailedError, UsageError } from "../cli-error.ts";
import type { ConnectionArguments } from "../connection-options.ts";
import { numberOption } from "../number-option.ts";
import { Progress } from "../progress.ts";
import { subcommand } from "../subcommand.ts";
import { printLine } from "../terminal.ts";

const WAIT_SECONDS = 60;
const LOOK_EVERY_MS = 100;
const NODES_MIN = 2;

interface CreateArguments extends ConnectionArguments {
  readonly nodes: readonly string[];
  readonly wait: number;
}

/** A node that is to be in the cluster. */
interface Founder {
  readonly name: string;
  /** A literal address, as MEET wants it. */
  readonly ip: string;
  readonly port: number;
  readonly busPort: number;
  readonly id: string;
  readonly knows: readonly ClusterNode[];
  readonly connection: Connection;
}

/** The subcommand. */
export const create = subcommand<CreateArguments>({
  command: "create <nodes..>",
  describe: "Make one cluster of nodes that are alone: HOST:PORT..., or HOST:PORT@BUSPORT",
  builder: (parser) =>
    parser
      .positional("nodes", { type: "string", array: true, demandOption: true })
      .option("wait", waitOption("Seconds to wait until all nodes see one another")) as never,
  run: async (target, { nodes, wait }) => {
    const addresses = nodes.map(addressOf);
    if (addresses.length < NODES_MIN) throw new UsageError("a cluster has at least two nodes");
    const founders: Founder[] = [];
    try {
      for (const [at, address] of addresses.entries()) {
        founders.push(await visit(target, address, nodes[at] ?? ""));
      }
      refuseStrangers(founders);
      await introduce(founders);
      await waitUntilWhole(founders, wait * 1000);
    } finally {
      for (const { connection } of founders) connection.close();
    }
    printLine(`a cluster of ${founders.length} nodes:`);
    for (const { name, id } of founders) printLine(`  ${name}  ${id}`);
    return 0;
  },
});

/** An option for how long to wait. */
export function waitOption(describe: string) {
  return numberOption("--wait", {
    describe,
    default: WAIT_SECONDS,
    min: 1,
    max: 86_400,
    isWhole: false,
  });
}

function addressOf(text: string): NodeAddress {
  // The bus may be anywhere; whether it is beyond 65535 shows when the node says where it is.
  const address = parseNodeAddress(text.includes("@") ? text : `${text}@1`);
  if (address === undefined) throw new UsageError(`${text} is not HOST:PORT`);
  return text.includes("@") ? address : { ...address, busPort: 0 };
}

async function visit(
  target: Target,
  { host, port, busPort }: NodeAddress,
  name: string,
): Promise<Founder> {
  const ip = await addressOfHost(host);
  const connection = await Connection.open(elsewhere(target, host, port));
  try {
    const knows = await readClusterNodes(connection);
    const id = textOf(await connection.ask("CLUSTER", "MYID"));
    const told = busPort > 0 ? busPort : await busPortOf(connection, port);
    if (told === 0) throw new FailedError(`${name} has no cluster bus (see cluster-port)`);
    return { name, ip, port, busPort: told, id, knows, connection };
  } catch (error) {
    connection.close();
    throw error;
  }
}

async function addressOfHost(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (error) {
    throw new FailedError(
      `${host}: ${/ENOTFOUND/.test(String(error)) ? "no such host" : systemErrorText(error)}`,
    );
  }
}

/** Where others reach its bus: as it announces it, or where it listens. 0: nowhere. */
async function busPortOf(connection: Connection, port: number): Promise<number> {
  const settings = pairsOf(await connection.ask("CONFIG", "GET", "*cluster-port"));
  const announced = numberOf(settings.get("announce-cluster-port"));
  if (announced > 0) return announced;
  const own = textOf(settings.get("cluster-port"));
  if (own === "no" || own === "none") return 0;
  return Number(own) > 0 ? Number(own) : port + BUS_PORT_DISTANCE;
}

/** Throws FailedError when what is there does not fit what is wanted. */
function refuseStrangers(founders: readonly Founder[]): void {
  const ids = new Set(founders.map(({ id }) => id));
  if (ids.size < founders.length)
    throw new FailedError("a node is named twice; nothing was changed");
  for (const { name, knows } of founders) {
    const stranger = knows.find((node) => isMember(node) && !ids.has(node.id));
    if (stranger !== undefined) {
      throw new FailedError(
        `${name} is in a cluster with ${stranger.host}:${stranger.port} already; nothing was changed`,
      );
    }
  }
}

async function introduce(founders: readonly Founder[]): Promise<void> {
  const [first, ...others] = founders;
  for (const { ip, port, busPort } of others) {
    await first?.connection.ask("CLUSTER", "MEET", ip, port, busPort);
  }
}

async function waitUntilWhole(founders: readonly Founder[], waitMs: number): Promise<void> {
  const progress = new Progress();
  const endsAtMs = performance.now() + waitMs;
  try {
    for (;;) {
      const missing = await missingLinks(founders);
      if (missing.length === 0) return;
      if (performance.now() >= endsAtMs) {
        throw new FailedError(
          `after ${waitMs / 1000} s ${missing[0]}; are their bus ports open, and their secrets the same?`,
        );
      }
      const all = founders.length * (founders.length - 1);
      progress.show(1 - missing.length / all, "nodes see one another");
      await sleep(LOOK_EVERY_MS);
    }
  } finally {
    progress.end();
  }
}

/** Who does not see whom, in words. */
async function missingLinks(founders: readonly Founder[]): Promise<string[]> {
  const missing: string[] = [];
  for (const { name, id, connection } of founders) {
    const seen = await readClusterNodes(connection);
    const linked = new Set(
      seen.filter((node) => node.isLinked && isMember(node)).map((node) => node.id),
    );
    for (const other of founders) {
      if (other.id !== id && !linked.has(other.id))
        missing.push(`${name} does not see ${other.name}`);
    }
  }
  return missing;
}
