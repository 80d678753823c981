/**
 * PAUSE: closes a queue for new jobs, for consumers, or for both.
 *
 * The words in, out, all and none make up a new state from nothing: what stood before is replaced
 * (reference 6.6). The state is kept in the nodes file, so a restart does not open a queue that
 * somebody closed for a reason (F20 of the reference's defects).
 */
import type { Queue } from "../../core/queue.ts";
import type { Request } from "../../protocol/request.ts";
import type { CommandSpec } from "../command.ts";
import { errorAbout, errors } from "../errors.ts";
import type { ServerState } from "../server-state.ts";
import type { Session } from "../session.ts";

const IN = 1;
const OUT = 2;
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
    { name: "queue", type: "string" },
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
  for (let i = 2; i < request.count; i++) {
    const option = words.find(({ word }) => request.is(i, word));
    if (option !== undefined) {
      state = option.apply(state ?? 0);
    } else if (!request.is(i, STATE) && !request.is(i, BCAST)) {
      session.reply.error(errors.syntax);
      return;
    }
  }
  const { queues } = server.broker;
  const found = queues.find(request.buffer, request.start(1), request.end(1));
  if (state === undefined || (state === 0 && found === undefined)) {
    session.reply.simple(found?.pauseState ?? "none");
    return;
  }
  if (request.size(1) > server.config.settings["max-queue-name"]) {
    session.reply.error(errors.queueNameTooLong);
    return;
  }
  const queue = found ?? queues.entry(request.buffer, request.start(1), request.end(1));
  const error = change(server, queue, state);
  if (error === undefined) session.reply.simple(queue.pauseState);
  else session.reply.error(errorAbout.clusterSave(error));
}

/** Changes the state and saves it; as before when it cannot be saved, for a restart would forget it. */
function change(server: ServerState, queue: Queue, state: number): string | undefined {
  const { broker, host } = server;
  const before = (queue.isPausedIn ? IN : 0) | (queue.isPausedOut ? OUT : 0);
  if (state === before) return undefined;
  broker.pause(queue, (state & IN) !== 0, (state & OUT) !== 0);
  const error = host.saveIdentity();
  if (error !== undefined) broker.pause(queue, (before & IN) !== 0, (before & OUT) !== 0);
  return error;
}
