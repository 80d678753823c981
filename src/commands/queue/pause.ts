/**
 * PAUSE: closes a queue for new jobs, for consumers, or for both.
 *
 * The words in, out, all and none make up a new state from nothing: what stood before is replaced
 * (reference 6.6). The state is kept in the nodes file, so a restart does not open a queue that
 * somebody closed for a reason (F20 of the reference's defects). With BCAST it holds on all nodes,
 * those that are away included (cluster/pauses.ts).
 */
import { PAUSED_NAME_BYTES_MAX } from "../../cluster/messages.ts";
import type { PauseState, Queue } from "../../core/queue.ts";
import type { Request } from "../../protocol/request.ts";
import type { CommandSpec } from "../command.ts";
import { errorAbout, errors } from "../errors.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";

const IN = 1;
const OUT = 2;
/** By the flags above. */
const STATES: readonly PauseState[] = ["none", "in", "out", "all"];
const words: readonly { word: Uint8Array; apply: (state: number) => number }[] = [
  { word: Buffer.from("in", "latin1"), apply: (state) => state | IN },
  { word: Buffer.from("out", "latin1"), apply: (state) => state | OUT },
  { word: Buffer.from("all", "latin1"), apply: (state) => state | IN | OUT },
  { word: Buffer.from("none", "latin1"), apply: () => 0 },
];
const STATE = Buffer.from("state", "latin1");
const BCAST = Buffer.from("bcast", "latin1");

export const pause: CommandSpec = {
  name: "pause",
  arity: -3,
  flags: ["readonly", "fast"],
  group: "queue",
  summary: "Stops and resumes a queue for producers (in) and consumers (out).",
  since: "0.1.0",
  arguments: [
    { name: "queue", type: "queue" },
    {
      name: "option",
      type: "oneof",
      isMultiple: true,
      parts: ["in", "out", "all", "none", "state", "bcast"].map((token) => ({
        name: token,
        type: "token",
        token,
      })),
    },
  ],
  errors: [],
  reply: "The state afterwards: none, in, out or all.",
  run: pauseQueue,
};

function pauseQueue(server: ServerState, session: Session, request: Request): void {
  let state: number | undefined;
  let isForAll = false;
  for (let i = 2; i < request.count; i++) {
    const option = words.find(({ word }) => request.is(i, word));
    if (option !== undefined) {
      state = option.apply(state ?? 0);
    } else if (request.is(i, BCAST)) {
      isForAll = true;
    } else if (!request.is(i, STATE)) {
      session.reply.error(errors.syntax);
      return;
    }
  }
  const isQuestion = state === undefined && !isForAll;
  if (!isQuestion && request.size(1) > nameBytesMax(server, isForAll)) {
    session.reply.error(errors.queueNameTooLong);
    return;
  }
  const error = isQuestion ? undefined : change(server, request, state, isForAll);
  const { queues } = server.broker;
  const queue = queues.find(request.buffer, request.start(1), request.end(1));
  if (error === undefined) session.reply.simple(queue?.pauseState ?? "none");
  else session.reply.error(error);
}

function nameBytesMax(server: ServerState, isForAll: boolean): number {
  const bytesMax = server.config.settings["max-queue-name"];
  return isForAll ? Math.min(bytesMax, PAUSED_NAME_BYTES_MAX) : bytesMax;
}

/**
 * Changes the state and announces it when that is asked for. As before when it cannot be saved, for a
 * restart would forget it; then the error's text.
 */
function change(
  server: ServerState,
  request: Request,
  asked: number | undefined,
  isForAll: boolean,
): string | undefined {
  const { broker, cluster, host } = server;
  const name = request.buffer.subarray(request.start(1), request.end(1));
  const before = flagsOf(broker.queues.find(name, 0, name.length));
  const state = asked ?? before;
  if (state === before && !isForAll) return undefined;
  const announcedBefore = cluster.pauses.find(name);
  const news = isForAll ? cluster.pauses.announce(name, STATES[state] ?? "none") : undefined;
  if (isForAll && news === undefined) return errors.tooManyPauses;
  setFlags(server, name, state);
  const error = host.saveIdentity();
  if (error === undefined) {
    if (news !== undefined) cluster.pauses.spread(news);
    return undefined;
  }
  setFlags(server, name, before);
  if (news !== undefined) cluster.pauses.withdraw(news, announcedBefore);
  return errorAbout.clusterSave(error);
}

function flagsOf(queue: Queue | undefined): number {
  return (queue?.isPausedIn ? IN : 0) | (queue?.isPausedOut ? OUT : 0);
}

/** A queue that is not there is open already. */
function setFlags({ broker }: ServerState, name: Buffer, state: number): void {
  const found = broker.queues.find(name, 0, name.length);
  if (found === undefined && state === 0) return;
  const queue = found ?? broker.queues.entry(name, 0, name.length);
  broker.pause(queue, (state & IN) !== 0, (state & OUT) !== 0);
}
