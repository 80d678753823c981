/**
 * What clients do about a job that nodes may disagree about, and what interrupts them: a node that starts again.
 *
 * A command about a job that its node does not have does nothing here, but for ACKJOB, which looks for the job.
 */
import type { DisputedJob } from "./disputed-job.ts";
import type { FabricNode } from "./fabric-node.ts";

/** A client waits for a short while, for longer than a lease lasts on the way, or for most of RETRY. */
const WAITS_MS = [20, 300, 2000] as const;

/** What a client says, or what its node does meanwhile. */
export type ClientAct =
  | "GETJOB"
  | "GETJOB NOHANG"
  | "NACK"
  | "ENQUEUE"
  | "DEQUEUE"
  | "WORKING"
  | "ACKJOB"
  | "start again";

/** What happens at a node, and how much time passes before the next step. */
export interface ClientStep {
  readonly do: ClientAct;
  readonly node: number;
  /** Which of the waits. */
  readonly other: number;
  readonly thenMs: number;
}

/** Does it. */
export function performClient(job: DisputedJob, step: ClientStep): void {
  const { fabric } = job;
  const node = fabric.node(step.node % fabric.nodes.length);
  const { length } = WAITS_MS;
  if (step.do === "GETJOB") node.take("q", 1, WAITS_MS[step.other % length]);
  else if (step.do === "GETJOB NOHANG") node.take("q", 1, 0);
  else if (step.do === "ACKJOB") job.acknowledgeAt(node);
  else if (step.do !== "start again") performVerb(node, job.id, step.do);
  else if (!node.isStill) fabric.restart(node.number, true);
  fabric.run(step.thenMs);
}

function performVerb(node: FabricNode, id: string, verb: ClientAct): void {
  const role = node.roleOf(id);
  if (!/^(own|borrowed|copy)/.test(role)) return;
  const found = node.find(id);
  if (verb === "NACK") node.jobs.requeue(found, "nack");
  else if (verb === "ENQUEUE") node.jobs.requeue(found, "client");
  else if (verb === "WORKING") node.jobs.postpone(found);
  // A copy is in no queue.
  else if (role !== "copy") node.jobs.dequeue(found);
  node.turn();
}
