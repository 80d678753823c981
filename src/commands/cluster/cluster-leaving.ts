/**
 * CLUSTER LEAVING: takes this node out of service, or back into it.
 *
 * A leaving node keeps no new jobs and hands out those it has. Clients that wait here would wait in vain
 * for new ones: they are told at once to ask another node.
 */
import type { CommandSpec } from "../command.ts";
import { errorAbout, errors } from "../errors.ts";
import type { ServerState } from "../server-state.ts";

const VALUE = 2;
const YES = Buffer.from("yes", "latin1");
const NO = Buffer.from("no", "latin1");

/** Without a word it tells the state; with yes or no it changes it. */
export const clusterLeaving: CommandSpec["run"] = (server, session, request) => {
  const { broker, cluster, host } = server;
  if (request.count === VALUE) {
    session.reply.simple(broker.isLeaving ? "yes" : "no");
    return;
  }
  const isLeaving = request.is(VALUE, YES);
  if (!isLeaving && !request.is(VALUE, NO)) {
    session.reply.error(errors.clusterLeavingUsage);
    return;
  }
  const before = broker.isLeaving;
  cluster.setLeaving(isLeaving);
  const error = host.saveIdentity();
  if (error !== undefined) {
    cluster.setLeaving(before);
    session.reply.error(errorAbout.clusterSave(error));
    return;
  }
  if (isLeaving) sendWaitersAway(server);
  session.reply.simple("OK");
};

/** Those who were already given a job in this turn get it; everybody else is told. */
function sendWaitersAway({ broker, host }: ServerState): void {
  for (const waiter of broker.waiting.takeAll()) {
    for (const queue of waiter.queues) broker.queues.noteIfIdle(queue, host.nowMs);
    waiter.receiver.waitEnded("leaving");
  }
}
