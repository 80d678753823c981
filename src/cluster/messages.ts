/**
 * The one table of bus messages: what one node can say to another.
 *
 * The encoder, the decoder and the TypeScript types are all made from it (wire/codec.ts). A code is
 * never used for anything else again. What a message makes a node do stands in the machine that
 * receives it; for those of membership that is members/.
 */
import { type JobMessage, jobMessages } from "./job-messages.ts";
import { type MessageIn, message } from "./wire/codec.ts";
import {
  bool,
  bytes,
  list,
  natural,
  nodeId,
  oneOf,
  record,
  text,
  type ValueOf,
} from "./wire/kinds.ts";

/** A cluster has at most this many nodes; the ring is made for as many. */
export const MEMBERS_MAX = 1024;
/** Longest address: a host name. */
export const HOST_BYTES_MAX = 255;
/** Longest name of a zone. */
export const ZONE_BYTES_MAX = 64;

const profile = {
  /** The incarnation in which began what the node has in memory. */
  memoryIncarnation: natural,
  /** Counts the changes that the node made to the rest of this since it started. */
  version: natural,
  /** What the node announces; "" when it leaves it to others to see where it is. */
  host: text(HOST_BYTES_MAX),
  /** For clients. */
  port: natural,
  /** For other nodes. */
  busPort: natural,
  zone: text(ZONE_BYTES_MAX),
  isLeaving: bool,
} as const;

const memberRecord = record({ nodeId, incarnation: natural, ...profile });

/** A node as nodes describe it to each other. Of two, the one with the higher (incarnation, version) holds. */
export type MemberRecord = ValueOf<typeof memberRecord>;

/** Who is there, who is alive. Urgent, all of them: in one order, and outdated when a link breaks. */
export const membershipMessages = {
  /**
   * First on every link, from both sides. Meeting: an operator wants it, whatever was forgotten. With
   * the sender's wall clock, ms since 1970.
   */
  hello: message(1, "urgent", { isMeeting: bool, wallMs: natural, ...profile }),
  /** What the sender knows of others and itself: all after hello and on request, else what is new. */
  members: message(2, "urgent", { records: list(memberRecord, MEMBERS_MAX), wantsYours: bool }),
  /** Are you there? With the XOR of the hashes of the sender's members, and those it hears nothing of. */
  heartbeat: message(3, "urgent", {
    sequence: natural,
    fingerprintHigh: natural,
    fingerprintLow: natural,
    suspects: list(nodeId, MEMBERS_MAX),
  }),
  /** The answer to a heartbeat. */
  heard: message(4, "urgent", { sequence: natural }),
  /** Most nodes hear nothing of this one. */
  failed: message(5, "urgent", { nodeId, incarnation: natural }),
  /** The sender does not know the receiver any more, and must not be counted on. */
  forgotten: message(6, "urgent", {}),
  /** The sender was reset: what was known of it up to this incarnation is over. */
  departed: message(7, "urgent", { incarnation: natural }),
} as const;

/** A message about membership. */
export type MembershipMessage = MessageIn<typeof membershipMessages>;

/** The longest name of a queue that can be paused on all nodes; the nodes file takes no longer one. */
export const PAUSED_NAME_BYTES_MAX = 65_536;
/** Announcements that one message may carry. */
export const PAUSES_IN_MESSAGE_MAX = 1000;

const pauseNews = record({
  queue: bytes(PAUSED_NAME_BYTES_MAX),
  state: oneOf("none", "in", "out", "all"),
  counter: natural,
  nodeId,
});

/** That a queue was paused or opened on all nodes. */
export type PauseNews = ValueOf<typeof pauseNews>;

/** What is to be the same on all nodes, whoever was away when it was said. */
export const sharedMessages = {
  /** PAUSE ... BCAST: what is new, or all that is known to a node that has just connected. */
  pauses: message(16, "control", { news: list(pauseNews, PAUSES_IN_MESSAGE_MAX) }),
  /** The sender is short of memory, or not any more: others get new copies first. */
  pressure: message(17, "control", { isPressured: bool }),
} as const;

/** Queues that one question may name. */
export const QUEUES_ASKED_MAX = 100;
/** Queues of a node's list that one answer may bring. */
export const QUEUES_LISTED_MAX = 1000;
/** Figures of a node or a queue, by position; a sender may know more of them, or fewer. */
const figures = list(natural, 64);
const queueName = bytes(PAUSED_NAME_BYTES_MAX);

/** What nodes tell each other for answers about the whole cluster (totals.ts). Lost with a link. */
export const totalsMessages = {
  /** What are your figures, those of these queues, and of some others, by their numbers from one on? */
  question: message(18, "bulk", {
    question: natural,
    queues: list(queueName, QUEUES_ASKED_MAX),
    scanFrom: natural,
    scanCount: natural,
  }),
  /** What the sender has of that. Numbers go on at `scanNext`; 0: that was all. */
  answer: message(19, "bulk", {
    question: natural,
    figures,
    queues: list(record({ queue: queueName, figures }), QUEUES_ASKED_MAX + QUEUES_LISTED_MAX),
    scanNext: natural,
  }),
} as const;

/** A message about figures of the whole cluster. */
export type TotalsMessage = MessageIn<typeof totalsMessages>;

/** Every message there is. */
export const busMessages = {
  ...membershipMessages,
  ...sharedMessages,
  ...totalsMessages,
  ...jobMessages,
} as const;

/** Any message of the bus. */
export type Message = MessageIn<typeof busMessages>;

/** Whether a message is for membership (members/membership.ts). */
export function isMembershipMessage(message: Message): message is MembershipMessage {
  return message.type in membershipMessages;
}

/** Whether a message is about figures of the whole cluster (totals.ts). */
export function isTotalsMessage(message: Message): message is TotalsMessage {
  return message.type in totalsMessages;
}

/** Whether a message is about jobs (jobs/). */
export function isJobMessage(message: Message): message is JobMessage {
  return message.type in jobMessages;
}
