/**
 * `ringq cluster forget NODE`: all others forget a node that is gone for good.
 *
 * It must be told to every one of them, or the node would still be counted on by some. A node that still
 * answers and has jobs is not forgotten unless told twice (`--force`): drain it first.
 */
import { Cluster, type ClusterMember } from "../../client/cluster.ts";
import { nodeAddress } from "../../client/cluster-nodes.ts";
import { readInfo } from "../../client/info.ts";
import { ErrorReply } from "../../client/reply.ts";
import { EXIT_SERVER, FailedError } from "../cli-error.ts";
import type { ConnectionArguments } from "../connection-options.ts";
import { countText } from "../figures.ts";
import { subcommand } from "../subcommand.ts";
import { complain, printLine } from "../terminal.ts";
import { findNode } from "./find-node.ts";

interface ForgetArguments extends ConnectionArguments {
  readonly node: string;
  readonly force?: boolean | undefined;
}

/** The subcommand. */
export const forget = subcommand<ForgetArguments>({
  command: "forget <node>",
  describe: "All others forget a node: its id, the beginning of it, or HOST:PORT",
  builder: (parser) =>
    parser.positional("node", { type: "string", demandOption: true }).option("force", {
      type: "boolean",
      describe: "Also when it is there and has jobs",
    }) as never,
  run: async (target, { node: name, force }) => {
    const cluster = await Cluster.open(target);
    try {
      const gone = findNode(cluster, name);
      if (force !== true) await refuseIfNeeded(gone);
      return await tellOthers(cluster, gone);
    } finally {
      cluster.close();
    }
  },
});

async function refuseIfNeeded({ node, connection }: ClusterMember): Promise<void> {
  if (connection === undefined) return;
  const jobs = (await readInfo(connection)).number("registered_jobs");
  if (!(jobs > 0)) return;
  throw new FailedError(
    `${nodeAddress(node)} answers and has ${countText(jobs)} jobs; drain it first, or use --force`,
  );
}

async function tellOthers(cluster: Cluster, gone: ClusterMember): Promise<number> {
  let exitCode = 0;
  const fail = (text: string): void => {
    complain(text);
    exitCode = EXIT_SERVER;
  };
  let told = 0;
  for (const { node, connection, problem } of cluster.members) {
    if (node.id === gone.node.id) continue;
    const address = nodeAddress(node);
    if (connection === undefined) {
      fail(`${address} was not told: ${problem}`);
      continue;
    }
    const reply = await connection.call("CLUSTER", "FORGET", gone.node.id);
    if (reply instanceof ErrorReply) fail(`${address}: ${reply.message}`);
    else told++;
  }
  printLine(
    `${told} ${told === 1 ? "node has" : "nodes have"} forgotten ${nodeAddress(gone.node)}`,
  );
  return exitCode;
}
