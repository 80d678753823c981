/**
 * What a new process has from the one before it on its machine: pauses, and jobs if there is a log.
 *
 * The log is as good as a log can be: it has all that the process knew after its last turn, unless its
 * end was torn off. Queues that were paused on one node alone are open again.
 */
import type { PauseNews } from "../../../src/cluster/messages.ts";
import type { SimProcess } from "./process.ts";

/** Queues that are paused on all nodes are paused again. */
export function restorePauses({ cluster, broker }: SimProcess, pauses: readonly PauseNews[]): void {
  for (const news of pauses) {
    cluster.pauses.restore(news);
    if (news.state === "none") continue;
    const queue = broker.queues.entry(news.queue, 0, news.queue.length);
    const { state } = news;
    broker.pause(queue, state !== "out", state !== "in");
  }
}

/** A process with a log loads the jobs of the one before, and logs what it does. */
export function beginLog({ machine, cluster, broker, clock }: SimProcess): void {
  const { log } = machine;
  if (log === undefined) return;
  const { isUsed } = log;
  const host = {
    get nowMs() {
      return clock.nowMs;
    },
    // A clock that was wrong when the process ended, or is now, lets jobs expire; that is its fault.
    get wallMs() {
      return clock.rightWallMs;
    },
    randomWord: () => clock.randomWord(),
  };
  const { nodes } = cluster;
  const names = {
    id: (index: number) => nodes.id(index),
    index: (id: string) => nodes.findId(id),
  };
  log.begin({ broker, host, nodes: names });
  if (isUsed) cluster.resume(machine.torn === undefined ? "kept" : "empty");
  cluster.standstill.processBegan();
}
