/**
 * The jobs of golden/disque.aof, as they were given to the writer: the file is data, and must stay as it is.
 *
 * It has what a server leaves that was rewritten once and went on: jobs of all kinds, deletions, bytes that
 * look like records. Written on 2026-01-01 00:00 UTC; everything lives for a day but where it says otherwise.
 */
import {
  delJob,
  loadJob,
  record,
  WRITTEN_MS,
  type WrittenJob,
  writtenId,
} from "../support/reference-aof-writer.ts";

const SELF = "dcb833cf8f42fbb7924d92335ff6d67d3cea6e3d";
const OTHER = "0123456789abcdef0123456789abcdef01234567";
const ACTIVE = 1;
const SECONDS = WRITTEN_MS / 1000;

/** By name. */
export const goldenJobs = {
  plain: { id: writtenId(1), queue: "emails", body: "hello", nodes: [SELF] },
  binary: {
    id: writtenId(2),
    queue: "süß\0queue",
    body: Buffer.concat([record("DELJOB", writtenId(1)), Buffer.from([0, 255, 10])]),
    retry: 60,
    nodes: [SELF, OTHER],
    replicate: 2,
  },
  delayed: {
    id: writtenId(3),
    queue: "later",
    state: ACTIVE,
    delay: 3600,
    retry: 10,
    nodes: [SELF],
  },
  copy: { id: writtenId(4), queue: "emails", state: ACTIVE, nodes: [OTHER, SELF], replicate: 2 },
  troubled: { id: writtenId(5), queue: "emails", flags: 5, nacks: 3, additional: 2, nodes: [SELF] },
  onceQueued: { id: writtenId(6, 0), queue: "once", retry: 0, nodes: [SELF] },
  onceDelivered: { id: writtenId(7, 0), queue: "once", retry: 0, state: ACTIVE, flags: 4 },
  onceDelayed: { id: writtenId(8, 0), queue: "once", retry: 0, state: ACTIVE, delay: 3600 },
  short: { id: writtenId(9), queue: "emails", etime: SECONDS + 5 },
  deleted: { id: writtenId(10), queue: "emails" },
  empty: {
    id: writtenId(11),
    queue: "emails",
    body: "",
    createdMs: WRITTEN_MS - 1,
    counter: 999_999,
  },
} satisfies Record<string, WrittenJob>;

/** The whole file. */
export function goldenBytes(): Buffer {
  const { deleted } = goldenJobs;
  const loads = Object.values(goldenJobs).map(loadJob);
  return Buffer.concat([...loads, delJob(deleted.id), delJob(writtenId(99))]);
}
