/**
 * What is in an AOF of the reference: how many records, which jobs are left at its end, what is damaged.
 *
 * Looking comes before taking anything over: a file with damage in its middle is refused as a whole, and
 * a job that a later DELJOB takes away never enters the broker nor our log, not even for a moment, so that
 * an import that is cut short can simply be done again. The walk is done in steps, because files may have
 * gigabytes.
 */
import { type ByteSource, ByteWindow } from "./byte-window.ts";
import { ReferenceAof } from "./reference-aof.ts";
import { Survivors } from "./survivors.ts";

/** Damaged places that are remembered; more are only counted. */
const DAMAGES_MAX = 100;

/** A place where the file is not what it should be: bytes [offset, end). */
export interface AofDamage {
  readonly offset: number;
  readonly end: number;
  readonly reason: string;
}

/** Looks through one file. */
export class ReferenceSurvey {
  readonly #aof: ReferenceAof;
  readonly survivors: Survivors;
  /** Records so far. */
  loads = 0;
  deletes = 0;
  /** LOADJOBs of a job that was left already; the later one counts. */
  repeats = 0;
  /** LOADJOBs whose id no server of this kind makes: they cannot be told from anything else. */
  foreignIds = 0;
  /** Damaged places: the first DAMAGES_MAX, and how many in all. */
  readonly damages: AofDamage[] = [];
  damageCount = 0;
  /** The file ends within a record, or with zeros. */
  torn: AofDamage | undefined;

  /** @param secret 32 unpredictable bits */
  constructor(source: ByteSource, secret: number) {
    this.#aof = new ReferenceAof(new ByteWindow(source));
    this.survivors = new Survivors(secret);
  }

  /** How far it has come, bytes. */
  get offset(): number {
    return this.#aof.end;
  }

  /** Nothing but jobs, each once: what a rewrite leaves when nothing was written behind it. */
  get isSnapshot(): boolean {
    const isWhole = this.damageCount === 0 && this.torn === undefined;
    return isWhole && this.deletes === 0 && this.repeats === 0;
  }

  /** Looks at about that many bytes more; false: it is through. */
  proceed(bytes: number): boolean {
    const stopAt = this.#aof.end + bytes;
    while (this.#aof.end < stopAt) if (!this.#step()) return false;
    return true;
  }

  #step(): boolean {
    const aof = this.#aof;
    const step = aof.next();
    if (step === "end") return false;
    if (step === "load") {
      this.loads++;
      if (aof.job.idKind !== "canonical") this.foreignIds++;
      else if (!this.survivors.set(aof.job.id, aof.offset)) this.repeats++;
    } else if (step === "delete") {
      this.deletes++;
      if (aof.deletedKind === "canonical") this.survivors.delete(aof.deletedId);
    } else {
      this.#note(step, { offset: aof.offset, end: aof.end, reason: aof.reason });
    }
    return true;
  }

  #note(step: "damaged" | "torn", damage: AofDamage): void {
    if (step === "torn") {
      this.torn = damage;
      return;
    }
    this.damageCount++;
    if (this.damages.length < DAMAGES_MAX) this.damages.push(damage);
  }
}
