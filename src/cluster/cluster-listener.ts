/**
 * What becomes of what membership tells: lines in the log, tables, and news for the jobs.
 *
 * The tables are right before jobs hear of anything. A node that has started again may have lost its
 * memory or not: that is told as soon as anybody tells of it. That what was on its way is lost with the
 * process before is told when the new one is linked, because until then more may be said in vain.
 */
import type { ClusterEvents } from "./cluster.ts";
import type { Jobs } from "./jobs/jobs.ts";
import type { MembershipListener } from "./members/listener.ts";
import type { Member } from "./members/member.ts";
import type { Peers } from "./peers.ts";

/** Who hears of it. */
export interface ListenerParts {
  readonly log: ClusterEvents["log"];
  snapshotChanged(): void;
  membersChanged(): void;
  connected(member: Member): void;
  /** Undefined: the cluster is being made, and nothing is passed on. */
  parts(): { readonly peers: Peers; readonly jobs: Jobs } | undefined;
}

/** The listener of a cluster. */
export function clusterListener(heard: ListenerParts): MembershipListener {
  const log = (level: "notice" | "warning", message: string, { id, record }: Member): void =>
    heard.log(level, message, { nodeId: id, host: record.host });
  const pass = (member: Member, run: (jobs: Jobs, peers: Peers) => void): void => {
    const parts = heard.parts();
    if (parts === undefined) return;
    parts.peers.refresh(member);
    run(parts.jobs, parts.peers);
  };
  const examine = (member: Member): void => pass(member, (jobs) => jobs.examineAll());
  const told =
    (level: "notice" | "warning", message: string) =>
    (member: Member): void => {
      log(level, message, member);
      examine(member);
    };
  return {
    membersChanged: () => heard.membersChanged(),
    snapshotChanged: () => heard.snapshotChanged(),
    memberConnected: (member) => {
      log("notice", "connected with a node", member);
      pass(member, () => heard.connected(member));
    },
    memberDisconnected: (member) => {
      log("notice", "connection with a node lost", member);
      pass(member, (jobs) => jobs.peerDown(member.index));
    },
    memberRestarted: (member, hasMemory) => {
      const what = hasMemory ? ", with the jobs it had" : "";
      log("notice", `a node has started again${what}`, member);
      pass(member, (jobs, peers) => {
        // It says so again if it is short of memory, and nothing if it is not.
        peers.setPressured(member.index, false);
        if (!hasMemory) jobs.peerRestarted(member.index);
      });
    },
    memberReturned: (member) => pass(member, (jobs) => jobs.peerReturned(member.index)),
    memberSuspected: told("warning", "a node is silent, it may have failed"),
    memberFailed: told("warning", "a node has failed: most nodes hear nothing of it"),
    memberBack: told("notice", "a node is back"),
    memberSteady: examine,
    clockRefused: (nodeId, skewMs) =>
      heard.log("warning", "a node was refused: its clock is too far off", { nodeId, skewMs }),
    seedUnanswered: ({ host, port }, reason) =>
      heard.log("warning", "no node answers at a seed (cluster-seeds); dialling goes on", {
        host,
        busPort: port,
        reason,
      }),
    memberRemoved: (member) => {
      log("notice", "a node is no member any more", member);
      pass(member, (jobs, peers) => {
        peers.remove(member);
        jobs.peerRemoved(member.index, member.id);
      });
    },
  };
}
