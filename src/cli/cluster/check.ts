/**
 * `ringq cluster check`: is everybody there, do all see the same, is anything wrong with a node?
 *
 * Exit code 1 when something is. It only looks.
 */
import { Cluster, type ClusterMember } from "../../client/cluster.ts";
import {
  type ClusterNode,
  isMember,
  nodeAddress,
  parseClusterNodes,
} from "../../client/cluster-nodes.ts";
import { ConnectionError, ServerError } from "../../client/connection-error.ts";
import { type InfoFields, readInfo } from "../../client/info.ts";
import { EXIT_SERVER } from "../cli-error.ts";
import { countText, durationText, sizeText } from "../figures.ts";
import { serverTimeMs } from "../queue-figures.ts";
import { subcommand } from "../subcommand.ts";
import { type TableColumn, tableLines } from "../table.ts";
import { paint, printLine } from "../terminal.ts";

/** Clocks further apart than this are worth a word; ids and orders depend on them. */
const CLOCK_DIFFERENCE_MAX_MS = 1000;

/** What the figure memory_level means, as far as it is worth a word. */
const MEMORY_LEVELS: Readonly<Record<number, string>> = { 2: "above 95 % of maxmemory", 3: "full" };

/** A node's own view. */
interface NodeView {
  readonly address: string;
  readonly node: ClusterNode;
  /** Undefined: it did not answer. */
  readonly info: InfoFields | undefined;
  readonly problem: string;
  readonly sees: readonly ClusterNode[];
  /** The server's clock less ours. */
  readonly clockMs: number;
}

/** The subcommand. */
export const check = subcommand({
  command: "check",
  describe: "Look whether all nodes are well and see the same",
  builder: (parser) => parser,
  run: async (target) => {
    const cluster = await Cluster.open(target);
    try {
      const views = await Promise.all(cluster.members.map(viewOf));
      for (const line of tableLines(columns, views.map(cellsOf))) printLine(line);
      printLine();
      const problems = [...views.flatMap(problemsOf), ...disagreements(views)];
      for (const problem of problems) printLine(`${paint("red", "!")} ${problem}`);
      if (problems.length === 0) printLine(paint("green", "all is well"));
      return problems.length === 0 ? 0 : EXIT_SERVER;
    } finally {
      cluster.close();
    }
  },
});

async function viewOf({ node, connection, problem }: ClusterMember): Promise<NodeView> {
  const nothing = { address: nodeAddress(node), node, info: undefined, sees: [], clockMs: 0 };
  if (connection === undefined) return { ...nothing, problem };
  try {
    const sentMs = Date.now();
    const timeMs = await serverTimeMs(connection);
    const clockMs = timeMs - (sentMs + Date.now()) / 2;
    const info = await readInfo(connection);
    const sees = parseClusterNodes(await connection.ask("CLUSTER", "NODES")).filter(isMember);
    return { ...nothing, info, sees, clockMs, problem: "" };
  } catch (error) {
    if (!(error instanceof ConnectionError || error instanceof ServerError)) throw error;
    return { ...nothing, problem: error.message };
  }
}

const columns: readonly TableColumn[] = [
  { title: "NODE", align: "left" },
  { title: "ID", align: "left" },
  { title: "STATE", align: "left" },
  { title: "VERSION", align: "left" },
  { title: "SEES", align: "right" },
  { title: "QUEUED", align: "right" },
  { title: "JOBS", align: "right" },
  { title: "MEMORY", align: "right" },
  { title: "UP", align: "right" },
];

function cellsOf({ address, node, info, sees }: NodeView) {
  const id = node.id.slice(0, 8);
  if (info === undefined) return [address, id, { text: "silent", style: "red" } as const];
  const isLeaving = node.flags.includes("leaving");
  return [
    address,
    id,
    isLeaving ? ({ text: "leaving", style: "yellow" } as const) : "ok",
    info.text("ringq_version"),
    String(sees.length),
    countText(info.number("jobs_queued")),
    countText(info.number("registered_jobs")),
    sizeText(info.number("used_memory")),
    durationText(info.number("uptime_in_seconds") * 1000),
  ];
}

/** What is wrong with one node. */
function problemsOf({ address, info, problem, sees, clockMs }: NodeView): string[] {
  if (info === undefined) return [`${address} does not answer: ${problem}`];
  const problems: string[] = [];
  for (const other of sees) {
    if (other.isMyself) continue;
    const flag = other.flags.find((each) => each.startsWith("fail"));
    const name = nodeAddress(other);
    if (flag === "fail") problems.push(`${address} holds ${name} for failed`);
    else if (flag !== undefined) problems.push(`${address} suspects ${name}`);
    else if (!other.isLinked) problems.push(`${address} has no link to ${name}`);
  }
  const level = MEMORY_LEVELS[info.number("memory_level")];
  if (level !== undefined) problems.push(`${address}: memory is ${level}`);
  const write = info.text("aof_last_write_status");
  if (write !== "" && write !== "ok")
    problems.push(`${address}: its log cannot be written (${write})`);
  if (Math.abs(clockMs) > CLOCK_DIFFERENCE_MAX_MS) {
    const direction = clockMs > 0 ? "ahead" : "behind";
    problems.push(
      `${address}: its clock is ${durationText(Math.abs(clockMs))} ${direction} of ours`,
    );
  }
  const bare = info.number("jobs_underreplicated");
  if (bare > 0) problems.push(`${address}: ${countText(bare)} jobs have too few copies`);
  return problems;
}

/** Nodes that some know and others do not; versions that differ. */
function disagreements(views: readonly NodeView[]): string[] {
  const problems: string[] = [];
  const answering = views.filter(({ info }) => info !== undefined);
  const all = new Map(
    answering.flatMap(({ sees }) => sees.map((node) => [node.id, node] as const)),
  );
  for (const { address, sees } of answering) {
    const known = new Set(sees.map(({ id }) => id));
    for (const [id, node] of all) {
      if (!known.has(id)) problems.push(`${address} does not know ${nodeAddress(node)}, others do`);
    }
  }
  const versions = new Set(answering.map(({ info }) => info?.text("ringq_version")));
  if (versions.size > 1) problems.push(`different versions: ${[...versions].join(", ")}`);
  return problems;
}
