/**
 * CLUSTER: who this node is and whom it knows, and who is to be known or forgotten.
 *
 * What happens then is membership's business (cluster/members); here are the words for it.
 */

import { clusterInfoText, clusterNodesText } from "../../cluster/members/node-lines.ts";
import type { Request } from "../../protocol/request.ts";
import { isIpAddress } from "../../util/ip-address.ts";
import { BUS_PORT_DISTANCE } from "../../util/node-address.ts";
import type { CommandSpec } from "../command.ts";
import { errorAbout, errors } from "../errors.ts";
import { ownAddress } from "../own-address.ts";
import { shortText } from "../short-text.ts";
import {
  argumentsOf,
  runSubcommands,
  type Subcommand,
  subcommand,
  writesOf,
  writing,
} from "../subcommands.ts";
import { clusterLeaving } from "./cluster-leaving.ts";
import { clusterRing } from "./cluster-ring.ts";

const VALUE = 2;
const PORT_MAX = 65_535;
const NODE_ID_CHARS = 40;
const SOFT = Buffer.from("SOFT", "latin1");
const HARD = Buffer.from("HARD", "latin1");

const myId: CommandSpec["run"] = (server, session) => {
  session.reply.bulkText(server.broker.nodeId);
};

const info: CommandSpec["run"] = (server, session) => {
  const { membership, messagesSent, messagesReceived, jobs } = server.cluster;
  const { count } = server.broker.jobs;
  // Behind the reference's fields: how far a drain or a repair has come.
  const progress = [
    ["jobs_registered", count],
    ["jobs_kept", jobs.sweep.ownJobs],
    ["jobs_underreplicated", jobs.sweep.underReplicated],
    ["jobs_handed_over", jobs.handover.underWay],
    ["queues_owned", jobs.lending.markets],
  ] as const;
  session.reply.bulkText(
    clusterInfoText(membership, messagesSent.total, messagesReceived.total, progress),
  );
};

const nodes: CommandSpec["run"] = (server, session) => {
  const own = ownAddress(server, session);
  session.reply.bulkText(clusterNodesText(server.cluster.membership, own));
};

/** Answers before anybody is asked: who comes of it shows in CLUSTER NODES. */
const meet: CommandSpec["run"] = (server, session, request) => {
  const error = meetError(request);
  if (error !== undefined) session.reply.error(error);
  else if (!server.cluster.hasBus) session.reply.error(errors.clusterNoBus);
  else {
    const [host, port] = [shortText(request, VALUE), request.integer(VALUE + 1)];
    server.cluster.membership.meet({ host, port, busPort: busPortOf(request) });
    session.reply.simple("OK");
  }
};

/** Of `ip port [bus-port]`. */
function busPortOf(request: Request): number {
  const at = VALUE + 2;
  return request.count > at ? request.integer(at) : request.integer(at - 1) + BUS_PORT_DISTANCE;
}

/** What is wrong with `ip port [bus-port]`, or undefined. */
function meetError(request: Request): string | undefined {
  const ip = shortText(request, VALUE);
  const hasBusPort = request.count > VALUE + 2;
  for (let i = VALUE + 1; i < request.count; i++) {
    if (Number.isNaN(request.integer(i))) return errorAbout.clusterPort(shortText(request, i));
  }
  const port = request.integer(VALUE + 1);
  const busPort = busPortOf(request);
  const isGood = isIpAddress(ip) && port >= 1 && busPort >= 1;
  if (isGood && port <= PORT_MAX && busPort <= PORT_MAX) return undefined;
  return errorAbout.clusterAddress(ip, shortText(request, hasBusPort ? VALUE + 2 : VALUE + 1));
}

const forget: CommandSpec["run"] = (server, session, request) => {
  const id = shortText(request, VALUE);
  if (id.length !== NODE_ID_CHARS) {
    session.reply.error(errors.clusterBadNodeId);
    return;
  }
  const outcome = server.cluster.membership.forget(id);
  if (outcome === "self") session.reply.error(errors.clusterForgetSelf);
  else if (outcome === "unknown") session.reply.error(errorAbout.clusterUnknownNode(id));
  else session.reply.simple("OK");
};

/** All jobs go, whether or not anybody meant that (F50 of the reference's oddities). */
const reset: CommandSpec["run"] = (server, session, request) => {
  const isHard = request.count > VALUE && request.is(VALUE, HARD);
  if (request.count > VALUE && !isHard && !request.is(VALUE, SOFT)) {
    session.reply.error(errors.syntax);
    return;
  }
  server.cluster.reset(isHard ? server.host.randomHex40() : undefined);
  session.reply.simple("OK");
};

const saveConfig: CommandSpec["run"] = (server, session) => {
  const reason = server.host.saveIdentity();
  if (reason === undefined) session.reply.simple("OK");
  else session.reply.error(errorAbout.clusterSave(reason));
};

const address = [
  { name: "ip", type: "string" },
  { name: "port", type: "integer" },
  { name: "cluster-port", type: "integer", isOptional: true },
] as const;
const tokens = (...words: string[]) =>
  ({
    name: "choice",
    type: "oneof",
    isOptional: true,
    parts: words.map((token) => ({ name: token.toLowerCase(), type: "token", token }) as const),
  }) as const;

const forms: readonly Subcommand[] = [
  subcommand("MYID", 2, [], myId),
  subcommand("INFO", 2, [], info),
  subcommand("NODES", 2, [], nodes),
  subcommand("MEET", [4, 5], address, meet),
  subcommand("FORGET", 3, [{ name: "node-id", type: "string" }], forget),
  subcommand("LEAVING", [2, 3], [tokens("YES", "NO")], clusterLeaving),
  writing(subcommand("RESET", [2, 3], [tokens("HARD", "SOFT")], reset)),
  subcommand("SAVECONFIG", 2, [], saveConfig),
  subcommand("RING", [2, 3], [{ name: "key", type: "string", isOptional: true }], clusterRing),
];

/** `CLUSTER NODES` and the other forms. */
export const cluster: CommandSpec = {
  name: "cluster",
  arity: -2,
  flags: ["readonly", "admin"],
  writes: writesOf(forms),
  group: "cluster",
  summary: "Shows and changes what this node is in its cluster.",
  since: "0.1.0",
  arguments: argumentsOf(forms),
  errors: [],
  reply: "Depends on the form.",
  run: runSubcommands(forms, () => errors.clusterUsage),
};
