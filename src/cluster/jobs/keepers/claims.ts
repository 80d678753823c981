/**
 * Nodes that say who is the keeper of a job and who has copies, and what follows from it here.
 *
 * The higher epoch wins, then the smaller node id, and the loser gives up. Only the keeper says who has
 * copies. A node that knows of more tells the keeper, who names them in turn, so that whoever has none
 * can say so (`gone`): no copy stays unknown to its keeper, and none is believed in that does not exist.
 */
import { LOAN } from "../../../core/holder-sets.ts";
import { type Job, JobFlag, NO_JOB } from "../../../core/job.ts";
import type { MessageOf } from "../../job-messages.ts";
import { OWN_INDEX } from "../../nodes.ts";
import { inOrder } from "../copies/holder-order.ts";
import type { JobsMachines, JobsWorld } from "../jobs-world.ts";
import { ListUnpacker } from "../packing/packed-lists.ts";
import type { KeeperNews } from "./keeper-news.ts";
import { UnheardCopies } from "./unheard-copies.ts";

/** Judges claims. */
export class Claims {
  readonly #world: JobsWorld;
  readonly #machines: JobsMachines;
  readonly #news: KeeperNews;
  /** Shows the claim that is judged. */
  readonly #claim: ListUnpacker;
  readonly #unheard: UnheardCopies;
  /** An own job, because of the message that is read. */
  #hasGivenUp = false;

  constructor(world: JobsWorld, machines: JobsMachines, news: KeeperNews) {
    this.#world = world;
    this.#machines = machines;
    this.#news = news;
    this.#claim = new ListUnpacker(world.nodes);
    this.#unheard = new UnheardCopies(world);
  }

  /** All jobs are gone. */
  clear(): void {
    this.#unheard.clear();
  }

  /** That index will be another node's. */
  forget(node: number): void {
    this.#unheard.forgetNode(node);
  }

  /**
   * A holder of a job that was adopted follows: its copies are this node's to see to from now on. Who has some may have
   * changed while nobody was heard of here.
   */
  endAdoption(job: Job): void {
    const { jobs } = this.#world.broker;
    if (!jobs.hasFlag(job, JobFlag.isAdopted)) return;
    jobs.setFlag(job, JobFlag.isAdopted, false);
    this.#machines.doubtList(job);
  }

  /** False: the message is damaged. */
  received(from: number, { type, lists }: MessageOf<"holders" | "taken">): boolean {
    const claim = this.#claim;
    claim.start(lists);
    while (claim.next()) {
      if (claim.isPartial) this.#machines.doubt(from);
      const job = this.#world.broker.find(claim.id);
      const isOver = job === NO_JOB && this.#machines.sayIfOver(claim.id, from);
      if (!isOver) this.#hear(from, type, job);
    }
    if (this.#hasGivenUp) this.#machines.keepsNoMore();
    this.#hasGivenUp = false;
    return !claim.isDamaged;
  }

  #hear(from: number, type: "holders" | "taken", job: Job): void {
    const [keeper] = this.#claim.holders;
    if (type === "taken") {
      if (keeper === from) this.#hearTaken(from, job);
    } else if (keeper === OWN_INDEX) this.#hearFollower(from, job);
    else if (job === NO_JOB) return;
    else if (keeper === from) this.#hearList(from, job);
    // Somebody else is meant by the first one if the keeper is not known here.
    else if (keeper !== undefined && !this.#claim.isPartial) this.#hearOf(from, job, keeper);
  }

  /** A node says that it has become the keeper. */
  #hearTaken(from: number, job: Job): void {
    const { roles } = this.#world.broker;
    const { holders } = this.#claim;
    if (job === NO_JOB) {
      if (holders.includes(OWN_INDEX)) this.#disclaim(from);
    } else if (roles.isAcked(job)) this.#machines.ackedThere(job, [from, ...holders]);
    else if (this.#compare(job, from) >= 0) this.#follow(job, from, true);
    else this.#object(job, from);
  }

  /** That node is keeper no more, and may not know of who is, nor is it known there: nobody else may know of both. */
  #object(job: Job, from: number): void {
    if (this.#world.broker.roles.isOwn(job)) this.#news.claim(job, from);
    else this.#correct(job, from);
  }

  /**
   * There is no copy here. If the job was given away, whoever has it hears who believes itself its keeper, or is
   * about to become that: a holder that was not told of the gift, so that only this node knows of both.
   */
  #disclaim(from: number): void {
    this.#deny(from);
    this.#news.nameToHeir(this.#machines.givenTo(this.#claim.id), this.#claim);
  }

  #deny(node: number): void {
    const { id } = this.#claim;
    this.#news.gone.to(node).addWords(id);
    this.#machines.denied(id, node);
  }

  /** A node that believes itself the keeper says who has copies. */
  #hearList(from: number, job: Job): void {
    if (this.#world.broker.roles.isAcked(job))
      this.#machines.ackedThere(job, [from, ...this.#claim.holders]);
    else if (this.#compare(job, from) >= 0) this.#follow(job, from);
    else this.#object(job, from);
  }

  /** A holder passes on who is keeper, as the keeper may not know that this node has a copy; or one who was that. */
  #hearOf(from: number, job: Job, keeper: number): void {
    const { roles } = this.#world.broker;
    const { holders } = this.#claim;
    if (roles.isAcked(job)) {
      this.#machines.ackedThere(job, [from, ...holders]);
      return;
    }
    const order = this.#compare(job, keeper);
    if (order < 0) this.#correct(job, holders.includes(from) ? from : keeper);
    if (order <= 0) return;
    if (roles.isOwn(job)) {
      // It may have its own opinion on that.
      this.#news.claim(job, keeper);
    } else if (roles.isCopy(job)) {
      this.#follow(job, keeper);
      this.#news.name(job, keeper);
    }
  }

  /** A holder follows one who is keeper no more: who is, does not know of its copy. */
  #correct(job: Job, from: number): void {
    const { roles } = this.#world.broker;
    if (roles.isBorrowed(job)) return;
    this.#addToList(job, from);
    if (roles.isOwn(job)) this.#machines.announceTaken(job);
    else this.#news.name(job, roles.list(job)[0] as number);
  }

  /** A node that follows this one, rightly or not, says so, and which copies it knows of. */
  #hearFollower(from: number, job: Job): void {
    const { roles } = this.#world.broker;
    const { holders } = this.#claim;
    if (job === NO_JOB) this.#disclaim(from);
    else if (roles.isAcked(job)) this.#machines.ackedThere(job, [from, ...holders]);
    else if (!holders.includes(from)) this.#hearBorrower(job, from);
    else if (roles.isOwn(job)) this.#answerFollower(job, from);
    else if (roles.isCopy(job)) this.#disappointFollower(job, from);
  }

  /** Who is in no list of its own has borrowed the job, and believes this node to have lent it. */
  #hearBorrower(job: Job, from: number): void {
    if (this.#world.broker.roles.borrower(job) !== from) this.#news.recalls.to(from).add(job);
  }

  /** Copies that were not known here are named, so that whoever has none of these says so. */
  #answerFollower(job: Job, from: number): void {
    const { roles, jobs } = this.#world.broker;
    const { epoch, holders } = this.#claim;
    const known = roles.list(job);
    this.#addToList(job, from);
    // With the job the list of before is on its way.
    if (!known.includes(from)) this.#news.nameToHeir(this.#machines.headedFor(job), this.#claim);
    this.endAdoption(job);
    if (jobs.epoch(job) <= epoch) for (const node of holders) this.#addToList(job, node);
    // There was another keeper after this one, whom the follower knows and this node does not.
    if (jobs.epoch(job) < epoch) jobs.setEpoch(job, epoch + 1);
    else if (jobs.epoch(job) > epoch) this.#news.claim(job, from);
    else if (roles.list(job).length === known.length) {
      this.#informFollower(job, from);
      return;
    }
    this.#machines.announceTaken(job);
  }

  /** It may not have known all nodes when it was told of them, or has forgotten one that came back. */
  #informFollower(job: Job, from: number): void {
    const list = this.#world.broker.roles.list(job);
    const isWhole = list.every((node) => node >= LOAN || this.#claim.holders.includes(node));
    if (!isWhole) this.#news.name(job, from);
  }

  /**
   * The one who follows has lost its keeper, for whom this node comes next as far as it knows. If that
   * keeper came after the one known here, nobody keeps the job any more. Nor when some follow each other
   * in a circle: then there is one whose keeper has a greater id than its own. That may be so without a
   * circle, too, and costs no more than another keeper.
   */
  #disappointFollower(job: Job, from: number): void {
    const { roles, jobs } = this.#world.broker;
    const { nodes } = this.#world;
    const { epoch, holders } = this.#claim;
    const keeper = roles.list(job)[0] ?? OWN_INDEX;
    const isFirst = epoch >= jobs.epoch(job) && nodes.id(OWN_INDEX) < nodes.id(keeper);
    this.#addToList(job, from);
    if (epoch > jobs.epoch(job) || isFirst) {
      jobs.setEpoch(job, Math.max(epoch, jobs.epoch(job)));
      for (const node of holders) this.#addToList(job, node);
      this.#machines.takeOver(job);
    } else if (keeper !== OWN_INDEX) this.#news.name(job, keeper);
    else this.#machines.examine(job);
  }

  /** Whether the claim is newer than what is known here (> 0), the same (0), or older (< 0). */
  #compare(job: Job, from: number): number {
    const { roles, jobs } = this.#world.broker;
    const { nodes } = this.#world;
    const epochs = this.#claim.epoch - jobs.epoch(job);
    if (epochs !== 0) return epochs;
    // Each move counts the epoch up: this one has arrived.
    if (jobs.retrySeconds(job) === 0 && roles.borrower(job) === from) return 1;
    const keeper = roles.isOwn(job) ? OWN_INDEX : roles.list(job)[0];
    if (keeper === from) return 0;
    // A copy whose keeper has forgotten it follows anybody.
    if (keeper === undefined || (keeper === OWN_INDEX && !roles.isOwn(job))) return 1;
    return nodes.id(from) < nodes.id(keeper) ? 1 : -1;
  }

  /** That node is the keeper, and the claim's list the one to have. */
  #follow(job: Job, keeper: number, isTaken = false): void {
    const { roles, jobs, lifecycle } = this.#world.broker;
    const { id, epoch, holders } = this.#claim;
    // Delivered at most once, it does not come back from where it has moved to, whatever is heard of that first.
    if (jobs.retrySeconds(job) === 0 && roles.borrower(job) === keeper) {
      this.#machines.gave(id, keeper);
      lifecycle.remove(job);
      return;
    }
    const known = roles.list(job);
    const isNews = jobs.epoch(job) !== epoch || known[0] !== keeper;
    jobs.setEpoch(job, epoch);
    if (roles.isBorrowed(job)) {
      const others = holders.filter((node) => node !== OWN_INDEX);
      roles.setList(job, others);
      // What is lent here is no copy; one that was here may have been deleted behind its last name.
      if (others.length < holders.length) this.#deny(keeper);
      return;
    }
    // Of two keepers the other one stays: it may have named a copy here and there that had been dropped, and that
    // this node has made anew. The word that there is none may be on its way, so that whoever has one speaks behind it.
    const isDispute = roles.isOwn(job) && roles.borrower(job) !== keeper;
    if (roles.isOwn(job)) this.#giveUp(job, keeper);
    if (!isNews && !holders.includes(OWN_INDEX)) {
      // The keeper is about to say `drop`; or it has met this node again, which may not know that it was forgotten.
      if (isTaken) this.#news.name(job, keeper);
      return;
    }
    const list = [...holders];
    const isMissing = (node: number) => node < LOAN && !list.includes(node);
    list.push(...(isNews ? known : this.#unheard.of(job, known)).filter(isMissing));
    if (isNews && !list.includes(OWN_INDEX)) list.push(OWN_INDEX);
    roles.setList(job, list);
    const unknown = list.slice(holders.length);
    this.#unheard.note(job, unknown);
    if (isDispute) this.#name(job, keeper, known);
    else if (isNews && unknown.length > 0) this.#name(job, keeper, unknown);
  }

  /** Nodes of which the keeper may not know that they have copies hear of it from here, as does the keeper. */
  #name(job: Job, keeper: number, holders: readonly number[]): void {
    this.#news.name(job, keeper);
    for (const node of holders) {
      if (node !== OWN_INDEX && node !== keeper && node < LOAN) this.#news.name(job, node);
    }
  }

  #giveUp(job: Job, keeper: number): void {
    const { roles } = this.#world.broker;
    const isLentThere = roles.borrower(job) === keeper;
    // Of WORKING for what was lent it may know nothing.
    const isKnownThere = isLentThere && !roles.isPostponed(job);
    if (isLentThere) roles.loanIsOver(job);
    const leftMs = roles.giveUp(job);
    this.#hasGivenUp = true;
    if (leftMs >= 0 && leftMs < Number.POSITIVE_INFINITY && !isKnownThere)
      this.#news.leases.to(keeper).add(job, Math.ceil(leftMs));
    this.#news.counters.to(keeper).add(job);
  }

  /** A borrower stays the last one; it may be a holder as well. */
  #addToList(job: Job, node: number): void {
    const { roles } = this.#world.broker;
    const list = roles.list(job);
    if (node === OWN_INDEX || list.includes(node)) return;
    roles.setList(job, inOrder(list, [node]));
  }
}
