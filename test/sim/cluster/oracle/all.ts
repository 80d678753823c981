/**
 * Every checker, fresh, for one life.
 *
 * Each of them is in a file of its own, which states in its first lines the invariant it checks.
 */
import type { ClusterWorld } from "../cluster-world.ts";
import { AckFinal } from "./ack-final.ts";
import { AckNotForgotten } from "./ack-not-forgotten.ts";
import { AtMostOnce } from "./at-most-once.ts";
import type { Checker } from "./checker.ts";
import { Convergence } from "./convergence.ts";
import { Credits } from "./credits.ts";
import { Empty } from "./empty.ts";
import { ExactCopies } from "./exact-copies.ts";
import { Expiry } from "./expiry.ts";
import { LeaseHonoured } from "./lease-honoured.ts";
import { Leaving } from "./leaving.ts";
import { Limits } from "./limits.ts";
import { ListSoundness } from "./list-soundness.ts";
import { NoLoss } from "./no-loss.ts";
import { NoWait } from "./no-wait.ts";
import { NoReplMeansNo } from "./norepl.ts";
import { Repair } from "./repair.ts";
import { Settled } from "./settled.ts";
import { SingleQueue } from "./single-queue.ts";

/** All of them. */
export function allCheckers(cluster: ClusterWorld): Checker[] {
  return [
    new NoLoss(cluster),
    new AtMostOnce(cluster),
    new SingleQueue(cluster),
    new LeaseHonoured(cluster),
    new AckFinal(cluster),
    new AckNotForgotten(cluster),
    new ExactCopies(cluster),
    new ListSoundness(cluster),
    new NoWait(cluster),
    new Credits(cluster),
    new NoReplMeansNo(cluster),
    new Convergence(cluster),
    new Leaving(cluster),
    new Repair(cluster),
    new Settled(cluster),
    new Limits(cluster),
    new Expiry(cluster),
    new Empty(cluster),
  ];
}
