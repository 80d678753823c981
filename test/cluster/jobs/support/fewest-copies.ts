/**
 * How few copies of a job there are while time passes.
 *
 * A moment with too few of them is one in which the job can be lost, however many there are at the end.
 */
import type { Fabric } from "./fabric.ts";

/** The fewest nodes that have something of a job at any moment of that time. */
export function fewestCopies(fabric: Fabric, id: string, forMs: number): number {
  let fewest = Number.POSITIVE_INFINITY;
  for (let ms = 0; ms < forMs; ms++) {
    fabric.run(1);
    const holders = fabric.running.filter((node) => node.roleOf(id) !== "");
    fewest = Math.min(fewest, holders.length);
  }
  return fewest;
}
