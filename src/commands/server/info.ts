/**
 * INFO: figures about this node as text.
 *
 * What there is to tell stands in info/; here the state is gathered for one reading.
 */

import { CLUSTER_TOTALS, clusterTotalsText } from "../../info/cluster-totals.ts";
import { infoText } from "../../info/render.ts";
import type { InfoClients, InfoSource } from "../../info/source.ts";
import { askCluster } from "../ask-cluster.ts";
import type { CommandSpec } from "../command.ts";
import { errors } from "../errors.ts";
import type { ServerState } from "../server-state.ts";
import { shortText } from "../short-text.ts";

const SECTION = 1;

/** `INFO [section]`. */
export const info: CommandSpec = {
  name: "info",
  arity: -1,
  flags: ["readonly", "loading"],
  group: "server",
  summary: "Shows figures about the server.",
  since: "0.1.0",
  arguments: [{ name: "section", type: "string", isOptional: true }],
  errors: [],
  reply:
    "Lines of name:value under headings. The section cluster-totals asks all nodes, and names those " +
    "that do not answer.",
  run: (server, session, request) => {
    if (request.count > 2) {
      session.reply.error(errors.syntax);
      return;
    }
    const wanted = request.count === 1 ? "default" : shortText(request, SECTION);
    if (wanted.toLowerCase() === CLUSTER_TOTALS) {
      const question = { queues: [], scanFrom: 0, scanCount: 0 };
      askCluster(server, session, question, (reply, nodes) => {
        reply.bulkText(clusterTotalsText(nodes));
      });
      return;
    }
    const text = Buffer.from(infoText(infoSource(server), wanted), "utf8");
    session.reply.bulk(text, 0, text.length);
  },
};

/** The state of a server as info/ wants it. */
export function infoSource(server: ServerState): InfoSource {
  const { host, stats, broker } = server;
  // Both are only noted now and then; who asks shall see what is true at this moment.
  stats.sample(host.nowMs);
  stats.noteMemory(broker.usedBytes);
  return {
    wallMs: host.wallMs,
    facts: host.facts,
    readings: host.readings(),
    settings: server.config.settings,
    broker,
    cluster: server.cluster,
    clients: clientFigures(server),
    traffic: stats,
    log: server.log.figures(),
    commandLines: server.commands.stats.lines(),
  };
}

function clientFigures({ clients }: ServerState): InfoClients {
  let biggestInputBytes = 0;
  let biggestOutputBytes = 0;
  for (const { carrier } of clients.all()) {
    biggestInputBytes = Math.max(biggestInputBytes, carrier.bufferedBytes);
    biggestOutputBytes = Math.max(biggestOutputBytes, carrier.unsentBytes);
  }
  return {
    connected: clients.count,
    blocked: clients.blockedCount,
    monitors: clients.monitors.size,
    biggestInputBytes,
    biggestOutputBytes,
  };
}
