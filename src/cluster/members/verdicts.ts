/**
 * FAIL: most members hear nothing of one.
 *
 * Each heartbeat lists whom its sender suspects. Whoever suspects a node itself and has reports of
 * others, together more than half of all members, dead ones included, says so to all, and they believe
 * it (the reference's quorum). Two nodes can therefore never reach FAIL. Any answer of the node ends it
 * here; nobody else can.
 */
import type { Member } from "./member.ts";
import type { MembershipState } from "./state.ts";

/** A report holds for this many node timeouts. */
const REPORT_TIMEOUTS = 2;

/** Counts reports. */
export class Verdicts {
  readonly #state: MembershipState;

  constructor(state: MembershipState) {
    this.#state = state;
  }

  /** A heartbeat says whom its sender suspects now; nobody else. */
  reported(reporter: Member, suspects: readonly string[]): void {
    if (suspects.length === 0 && !reporter.isReporting) return;
    reporter.isReporting = suspects.length > 0;
    const ids = new Set(suspects);
    for (const member of this.#state.table.values()) {
      if (!ids.has(member.id)) member.reports.delete(reporter);
      else {
        member.reports.set(reporter, this.#state.host.nowMs);
        this.judge(member);
      }
    }
  }

  /** This node suspects it, or somebody else does. */
  judge(member: Member): void {
    if (!member.isSuspected || member.isFailed) return;
    const { table, host, nodeTimeoutMs } = this.#state;
    const oldestMs = host.nowMs - REPORT_TIMEOUTS * nodeTimeoutMs;
    let votes = 1;
    for (const atMs of member.reports.values()) if (atMs >= oldestMs) votes++;
    const size = table.count + 1;
    if (votes < Math.floor(size / 2) + 1) return;
    this.#fail(member);
    const { id, incarnation } = member;
    this.#state.broadcast({ type: "failed", nodeId: id, incarnation });
  }

  /** Somebody has counted enough reports. */
  told(nodeId: string, incarnation: number): void {
    const { table, host, nodeTimeoutMs } = this.#state;
    const member = table.get(nodeId);
    if (member === undefined || member.isFailed || member.incarnation > incarnation) return;
    // Most have waited for a whole timeout. An answer younger than half of one came after the silence
    // they speak of: it is alive, and only they cannot hear it.
    const isFresh = host.nowMs - member.pongAtMs < nodeTimeoutMs / 2;
    if (member.link === undefined || !isFresh) this.#fail(member);
  }

  #fail(member: Member): void {
    member.isFailed = true;
    member.answersInRow = 0;
    this.#state.listener.memberFailed(member);
    this.#state.listener.snapshotChanged();
  }
}
