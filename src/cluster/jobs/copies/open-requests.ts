/**
 * Requests for copies that are not answered when this node keeps their jobs no more.
 *
 * Whoever was asked may get its copy at any time, and the next keeper may have heard just before that there is
 * none. So this node goes on knowing whom it has asked, until each has answered: it asks there itself about an
 * acknowledgement, behind the request (collection.ts), and does not give its own copy up before that
 * (held-copies.ts). The notes end by themselves, and count against the memory limit (unconfirmed-copies.ts).
 *
 * A keeper that returns from behind a cut may give up all its jobs at once: for which of them there are open requests
 * is found out once for all that were given up by a message, when nobody is in the midst of one of them.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import type { Job } from "../../../core/job.ts";
import { OWN_INDEX } from "../../nodes.ts";
import type { JobsWorld } from "../jobs-world.ts";
import type { Replication, Replications } from "./replication.ts";
import type { StrayCopies } from "./stray-copies.ts";

/** Knows who may get a copy of which its keeper has not heard. */
export class OpenRequests {
  /** Called for a replication that nobody waits for any more: whoever has not answered becomes a note. */
  outdated: (replication: Replication) => void = () => {};
  readonly #world: JobsWorld;
  readonly #replications: Replications;
  readonly #strays: StrayCopies;

  constructor(world: JobsWorld, replications: Replications, strays: StrayCopies) {
    this.#world = world;
    this.#replications = replications;
    this.#strays = strays;
  }

  /** Nodes on whose copies of a job nobody can count before they answer. Nothing comes to its end by asking. */
  unconfirmed(job: Job): readonly number[] {
    return this.#strays.unconfirmed(job);
  }

  /** A node that gave a job to this one may have it still, until it says that it has heard of the arrival. */
  given(job: Job, node: number): void {
    this.#strays.told.add(job, node);
  }

  /** This node has given up own jobs. */
  keepsNoMore(): void {
    const { roles } = this.#world.broker;
    this.#end((job) => !roles.isOwn(job));
  }

  /**
   * DELJOB here: whoever was asked drops what it gets, as it would follow the next keeper, which takes it for one without
   * a copy. Where no other holder lives it is the next keeper itself.
   */
  retract(job: Job): void {
    const { nodes, broker } = this.#world;
    const { roles } = broker;
    this.#end((other) => other === job);
    const asked = this.#strays.asked.of(job);
    if (asked.length === 0) return;
    const list = roles.list(job).filter((node) => !asked.includes(node));
    const isOther = (node: number) => node !== OWN_INDEX && node < LOAN;
    if (!list.some((node) => isOther(node) && nodes.isLive(node))) return;
    for (const node of asked) this.#strays.drop(job, node);
    roles.setList(job, list);
  }

  /** Those for whose jobs nobody was asked wait for something else (waiting-adds.ts). */
  #end(isMeant: (job: Job) => boolean): void {
    const { jobs } = this.#world.broker;
    if (this.#replications.count === 0) return;
    for (let number = 0; number < this.#replications.size; number++) {
      const replication = this.#replications.inUseAt(number);
      if (replication === undefined) continue;
      const { job, id } = replication;
      const isAbout = jobs.isLive(job) && isMeant(job) && jobs.hasId(job, id);
      if (isAbout && replication.unconfirmed().length > 0) this.outdated(replication);
    }
  }
}
