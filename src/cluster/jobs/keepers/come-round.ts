/**
 * Jobs that come round: sent away from here for good, and moved on by those who had them since until they are
 * given to this node again.
 *
 * That such a job has arrived where it was sent may be heard later than that, and would be the end of it here if
 * it were still on its way then. So whoever takes it in ends that way first, however it comes.
 */
import type { Broker } from "../../../core/broker.ts";
import type { Job } from "../../../core/job.ts";
import type { JobsMachines } from "../jobs-world.ts";
import type { JobShape } from "../packing/job-shape.ts";

/** Ends the way of a job that is given to this node if it has sent it away itself; true: it had. */
export function endWayIfComeRound(
  { roles, jobs }: Broker,
  machines: Pick<JobsMachines, "isOnItsWay">,
  job: Job,
  { retrySeconds, wasDelivered, epoch }: JobShape,
): boolean {
  if (!roles.isOwn(job) || !roles.isLent(job)) return false;
  const isMoved = retrySeconds === 0;
  if (isMoved ? wasDelivered || epoch < jobs.epoch(job) : epoch <= jobs.epoch(job)) return false;
  // A loan comes back by itself. Who was sent it for good has it under the next epoch.
  if (!isMoved && !machines.isOnItsWay(job, roles.borrower(job))) return false;
  roles.loanIsOver(job);
  return true;
}
