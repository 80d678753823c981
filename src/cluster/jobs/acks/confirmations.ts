/**
 * Which nodes know that jobs are acknowledged, as far as this one can tell; for SHOW and JSCAN.
 *
 * What is not known yet stands in the questions that have no answer, in no order of use here. So they
 * are gone through once for all jobs of a reply, and not once for each.
 */
import type { Broker } from "../../../core/broker.ts";
import { LOAN } from "../../../core/holder-sets.ts";
import type { Job } from "../../../core/job.ts";
import { OWN_INDEX } from "../../nodes.ts";
import type { AckBatches } from "./ack-batches.ts";

/** For each job the nodes of its list that have confirmed, this one included; none unless it is acknowledged. */
export function confirmations(broker: Broker, asks: AckBatches, found: readonly Job[]): number[][] {
  const { roles, jobs } = broker;
  /** Nodes whose answers are missing, by the number of the burial. */
  const missing = new Map<number, number[]>();
  for (const job of found) {
    const isCollected = roles.isAcked(job) && jobs.answersAwaited(job) > 0;
    if (isCollected) missing.set(jobs.burial(job), []);
  }
  if (missing.size > 0) asks.noteMissing(missing);
  return found.map((job) => {
    if (!roles.isAcked(job)) return [];
    const awaited = missing.get(jobs.burial(job));
    const asked = roles.list(job).map((element) => element % LOAN);
    return asked.filter((node) => node === OWN_INDEX || awaited?.includes(node) === false);
  });
}
