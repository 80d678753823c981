/**
 * Operators of a simulated cluster: those who meddle with jobs and queues of others, on any node.
 *
 * What they do to nodes themselves is in operations.ts.
 */
import type { ClusterWorld } from "./cluster-world.ts";
import type { JobVerb } from "./oracle/checker.ts";

/** Asks for any job that was ever added, whoever has it. */
export class Operator {
  readonly #cluster: ClusterWorld;
  #isStopped = false;

  constructor(cluster: ClusterWorld) {
    this.#cluster = cluster;
    this.#actLater();
  }

  stop(): void {
    this.#isStopped = true;
  }

  #actLater(): void {
    const { world } = this.#cluster;
    world.after(world.someTimeMs(world.config.paceMs * 3), () => this.#act());
  }

  #act(): void {
    if (this.#isStopped) return;
    const { world } = this.#cluster;
    const { random } = world;
    if (world.happens("strangers", 0.2)) this.#meddle(random.pick(["ack", "enqueue", "nack"]));
    if (world.happens("strangers", 0.2)) this.#meddle("working");
    if (world.happens("dequeues", 0.3)) this.#meddle("dequeue");
    if (world.happens("dequeues", 0.2)) this.#meddle("enqueue");
    if (world.happens("deletions", 0.05)) this.#meddle("delete");
    if (world.happens("local pauses", 0.1)) this.#pauseForAWhile(false);
    if (world.happens("cluster pauses", 0.1)) this.#pauseForAWhile(true);
    this.#actLater();
  }

  /** Does something with a job; most often with a recent one, which is more likely to be there. */
  #meddle(verb: JobVerb): void {
    const { world, ledger, commands } = this.#cluster;
    const back = Math.floor(world.random.fraction() ** 3 * ledger.ids.length);
    const id = ledger.ids[ledger.ids.length - 1 - back];
    const process = this.#cluster.somebody();
    if (id === undefined || process === undefined) return;
    process.post(() => commands.apply(process, verb, id));
  }

  #pauseForAWhile(isForAll: boolean): void {
    const { world, commands } = this.#cluster;
    const { random, config } = world;
    const process = this.#cluster.somebody();
    if (process === undefined) return;
    const queue = `queue-${random.below(config.queues)}`;
    const isIn = random.chance(0.6);
    const isOut = !isIn || random.chance(0.3);
    process.post(() => commands.pause(process, queue, isIn, isOut, isForAll));
    world.after(world.someTimeMs(config.paceMs * 20), () => {
      const opener = isForAll ? this.#cluster.somebody() : process;
      opener?.post(() => commands.pause(opener, queue, false, false, isForAll));
    });
  }
}
