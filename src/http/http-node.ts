/**
 * What HTTP sees of its node: the state that commands see, its clients, and how it is doing.
 *
 * Routes read what they show from here and change nothing by themselves; what changes something is a
 * command (command-session.ts). Everything that is asked for begins with `touch`, so that clocks are of
 * now and what happens is part of a turn.
 */
import type { ServerState } from "../commands/server-state.ts";
import type { Clients } from "../io/clients.ts";
import { ClusterQueues } from "./cluster-queues.ts";
import { ClusterRanking } from "./cluster-ranking.ts";
import { askAll } from "./queue-json.ts";
import { QueueRanking } from "./queue-ranking.ts";
import { QueueSurvey } from "./queue-survey.ts";
import { Slices } from "./slices.ts";

/** The node that is served. */
export interface HttpNode {
  readonly server: ServerState;
  readonly clients: Clients;
  /** Long work of all routes goes through it. */
  readonly slices: Slices;
  readonly survey: QueueSurvey;
  readonly ranking: QueueRanking;
  readonly clusterRanking: ClusterRanking;
  /** Why nobody should be sent here, beside what the server's state says (readiness.ts). */
  readonly reasons: () => readonly string[];
}

/** What HTTP is given of its node. */
export type HttpNodeParts = Pick<HttpNode, "server" | "clients" | "reasons">;

/** The node with what HTTP needs to look at it. */
export function makeHttpNode({ server, clients, reasons }: HttpNodeParts): HttpNode {
  const slices = new Slices(() => clients.touch());
  const survey = new QueueSurvey(server, slices);
  const ranking = new QueueRanking(server, slices);
  const clusterQueues = new ClusterQueues(server.host, (asked) => askAll(server, asked), slices);
  const clusterRanking = new ClusterRanking(server.host, clusterQueues, slices);
  return { server, clients, reasons, slices, survey, ranking, clusterRanking };
}
