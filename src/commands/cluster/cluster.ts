/**
 * CLUSTER: who this node is and whom it knows.
 *
 * This version has no connections to other nodes: a node knows itself and nobody else, and answers as a
 * node of the reference does that was never introduced to another one. Arguments are checked all the
 * same, so that scripts fail where they would fail later.
 */

import type { Request } from "../../protocol/request.ts";
import { isIpAddress } from "../../util/ip-address.ts";
import type { CommandSpec } from "../command.ts";
import { errorAbout, errors } from "../errors.ts";
import { ownAddress } from "../own-address.ts";
import { shortText } from "../short-text.ts";
import { argumentsOf, runSubcommands, type Subcommand, subcommand } from "../subcommands.ts";
import { clusterLeaving } from "./cluster-leaving.ts";

const VALUE = 2;
const PORT_MAX = 65_535;
/** Without a bus port of its own, a node's bus is this far above its client port. */
const BUS_PORT_DISTANCE = 10_000;
const NODE_ID_CHARS = 40;
const SOFT = Buffer.from("SOFT", "latin1");
const HARD = Buffer.from("HARD", "latin1");

const myId: CommandSpec["run"] = (server, session) => {
  session.reply.bulkText(server.broker.nodeId);
};

const info: CommandSpec["run"] = (_server, session) => {
  const lines = [
    "cluster_state:ok",
    "cluster_known_nodes:1",
    "cluster_reachable_nodes:0",
    "cluster_size:1",
    "cluster_stats_messages_sent:0",
    "cluster_stats_messages_received:0",
  ];
  session.reply.bulkText(lines.map((line) => `${line}\r\n`).join(""));
};

/** Six columns, and the bare word `myself` that clients look for. */
const nodes: CommandSpec["run"] = (server, session) => {
  const { nodeId, isLeaving } = server.broker;
  const { ip, port } = ownAddress(server, session);
  const flags = isLeaving ? "myself,leaving" : "myself";
  session.reply.bulkText(`${nodeId} ${ip}:${port} ${flags} 0 0 connected\n`);
};

const meet: CommandSpec["run"] = (_server, session, request) => {
  session.reply.error(meetError(request) ?? errors.clusterNoBus);
};

/** What is wrong with `ip port [bus-port]`, or undefined. */
function meetError(request: Request): string | undefined {
  const ip = shortText(request, VALUE);
  const hasBusPort = request.count > VALUE + 2;
  for (let i = VALUE + 1; i < request.count; i++) {
    if (Number.isNaN(request.integer(i))) return errorAbout.clusterPort(shortText(request, i));
  }
  const port = request.integer(VALUE + 1);
  const busPort = hasBusPort ? request.integer(VALUE + 2) : port + BUS_PORT_DISTANCE;
  const isGood = isIpAddress(ip) && port >= 1 && busPort >= 1;
  if (isGood && port <= PORT_MAX && busPort <= PORT_MAX) return undefined;
  return errorAbout.clusterAddress(ip, shortText(request, hasBusPort ? VALUE + 2 : VALUE + 1));
}

const forget: CommandSpec["run"] = (server, session, request) => {
  const id = shortText(request, VALUE);
  if (id.length !== NODE_ID_CHARS) session.reply.error(errors.clusterBadNodeId);
  else if (id === server.broker.nodeId) session.reply.error(errors.clusterForgetSelf);
  else session.reply.error(errorAbout.clusterUnknownNode(id));
};

/** All jobs go, whether or not anybody meant that (F50 of the reference's oddities). */
const reset: CommandSpec["run"] = (server, session, request) => {
  const isHard = request.count > VALUE && request.is(VALUE, HARD);
  if (request.count > VALUE && !isHard && !request.is(VALUE, SOFT)) {
    session.reply.error(errors.syntax);
    return;
  }
  server.broker.flush();
  if (isHard) server.broker.nodeId = server.host.randomHex40();
  server.host.identityChanged();
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
  subcommand("RESET", [2, 3], [tokens("HARD", "SOFT")], reset),
  subcommand("SAVECONFIG", 2, [], saveConfig),
];

/** `CLUSTER NODES` and the other forms. */
export const cluster: CommandSpec = {
  name: "cluster",
  arity: -2,
  flags: ["readonly", "admin"],
  group: "cluster",
  summary: "Shows and changes what this node is in its cluster.",
  since: "0.1.0",
  arguments: argumentsOf(forms),
  errors: [],
  reply: "Depends on the form.",
  run: runSubcommands(forms, () => errors.clusterUsage),
};
