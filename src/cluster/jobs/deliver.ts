/**
 * Messages about jobs, each to the machine whose subject it is.
 *
 * The only place that knows which machine a message is for; what it means is that machine's business.
 */
import type { JobMessage } from "../job-messages.ts";
import type { Machinery } from "./machinery.ts";

/** A member says something about jobs. */
export function deliver(machines: Machinery, node: number, message: JobMessage): void {
  switch (message.type) {
    case "stored":
    case "dropped":
    case "held":
      machines.newCopies.received(node, message);
      break;
    case "store":
    case "drop":
      machines.heldCopies.received(node, message);
      break;
    case "flushed":
      machines.peerFlushed(node);
      break;
    case "holders":
    case "taken":
    case "leased":
    case "gone":
    case "counters":
    case "verbs":
      machines.takeovers.received(node, message);
      break;
    case "keep":
    case "kept":
      machines.handover.received(node, message);
      break;
    case "report":
    case "telling":
    case "reported":
      machines.sweep.received(node, message);
      break;
    case "ack":
    case "acked":
    case "finish":
      machines.collector.received(node, message);
      break;
    default:
      machines.lending.received(node, message);
      break;
  }
}
