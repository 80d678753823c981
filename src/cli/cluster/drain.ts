/**
 * `ringq cluster drain NODE`: a node leaves, and this waits until it has no job left.
 *
 * The node keeps serving until then; stopping it afterwards loses nothing. Ctrl-C ends the waiting only: the
 * node goes on leaving (`CLUSTER LEAVING no` takes it back).
 */
import { Cluster, type ClusterMember } from "../../client/cluster.ts";
import { nodeAddress } from "../../client/cluster-nodes.ts";
import type { Connection } from "../../client/connection.ts";
import { readInfo } from "../../client/info.ts";
import { EXIT_SERVER, FailedError } from "../cli-error.ts";
import type { ConnectionArguments } from "../connection-options.ts";
import { countText, durationText } from "../figures.ts";
import { numberOption } from "../number-option.ts";
import { Progress } from "../progress.ts";
import { Interrupt } from "../rounds.ts";
import { subcommand } from "../subcommand.ts";
import { complain, printLine } from "../terminal.ts";
import { findNode } from "./find-node.ts";

const LOOK_EVERY_MS = 200;

interface DrainArguments extends ConnectionArguments {
  readonly node: string;
  readonly wait: number;
}

/** The subcommand. */
export const drain = subcommand<DrainArguments>({
  command: "drain <node>",
  describe: "A node hands its jobs over and leaves: its id, the beginning of it, or HOST:PORT",
  builder: (parser) =>
    parser.positional("node", { type: "string", demandOption: true }).option(
      "wait",
      numberOption("--wait", {
        describe: "Seconds to wait until it is empty; 0 means as long as it takes",
        default: 0,
        min: 0,
        max: 86_400,
        isWhole: false,
      }),
    ) as never,
  run: async (target, { node, wait }) => {
    const cluster = await Cluster.open(target);
    try {
      const member = findNode(cluster, node);
      return await drainNode(cluster, member, wait === 0 ? Number.POSITIVE_INFINITY : wait * 1000);
    } finally {
      cluster.close();
    }
  },
});

async function drainNode(cluster: Cluster, member: ClusterMember, waitMs: number): Promise<number> {
  const { node, connection, problem } = member;
  const address = nodeAddress(node);
  if (connection === undefined) throw new FailedError(`${address} cannot be drained: ${problem}`);
  const takers = cluster.members.filter(
    (other) =>
      other !== member && other.connection !== undefined && !other.node.flags.includes("leaving"),
  );
  if (takers.length === 0) {
    throw new FailedError(`there is no other node that could take the jobs of ${address}`);
  }
  await connection.ask("CLUSTER", "LEAVING", "YES");
  const isEmpty = await waitUntilEmpty(connection, waitMs);
  if (isEmpty)
    printLine(
      `${address} has no jobs left and can be stopped; then: ringq cluster forget ${address}`,
    );
  else complain(`${address} still has jobs; it goes on leaving (CLUSTER LEAVING NO takes it back)`);
  return isEmpty ? 0 : EXIT_SERVER;
}

/** False: the time was over, or Ctrl-C. */
async function waitUntilEmpty(connection: Connection, waitMs: number): Promise<boolean> {
  const progress = new Progress();
  const interrupt = new Interrupt();
  const startMs = performance.now();
  let most = 0;
  try {
    for (;;) {
      const left = (await readInfo(connection)).number("registered_jobs");
      if (!(left > 0)) return true;
      // Jobs that others give to it while it leaves are part of the work.
      most = Math.max(most, left);
      const passedMs = performance.now() - startMs;
      progress.show(1 - left / most, `${countText(left)} jobs left, ${durationText(passedMs)}`);
      if (interrupt.isPressed || passedMs >= waitMs) return false;
      await interrupt.sleep(LOOK_EVERY_MS);
    }
  } finally {
    interrupt.release();
    progress.end();
  }
}
