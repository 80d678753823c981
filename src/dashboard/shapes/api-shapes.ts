/**
 * The shapes of the API's answers, as far as the pages use them.
 *
 * What they are is said by the schemas of the server (/api/openapi.json); browser code cannot import those,
 * because they come with the server.
 */

/** A name: to read, and as a segment of a path. */
export interface Named {
  readonly name: string;
  readonly nameUrl: string;
}

/** Which sides of a queue are stopped. */
export type Pause = "none" | "in" | "out" | "all";

/** A queue; what only its own node knows may be missing. */
export interface QueueShape extends Named {
  readonly length: number;
  readonly ageSeconds: number;
  readonly idleSeconds: number;
  readonly blockedClients: number;
  readonly jobsIn: number;
  readonly jobsOut: number;
  readonly pause: Pause;
  readonly oldestAgeSeconds: number | null;
  readonly heldJobs?: number;
  readonly knownJobs?: number;
  readonly importRate?: number;
  readonly importFrom?: readonly string[];
  readonly inRate?: number | null;
  readonly outRate?: number | null;
}

/** Whether a node answered. */
export interface AnswerShape {
  readonly nodeId: string;
  readonly answer: "answered" | "silent" | "not connected";
  readonly answerAgeSeconds: number | null;
  readonly heardSecondsAgo: number | null;
}

/** Figures of a node, by name. */
export type Figures = Readonly<Record<string, number>>;

/** A node of the cluster. */
export interface MemberShape extends AnswerShape {
  readonly isSelf: boolean;
  readonly host: string;
  readonly port: number;
  readonly busPort: number;
  readonly zone: string;
  readonly flags: readonly string[];
  readonly isConnected: boolean;
  readonly roundTripMs: number | null;
  readonly figures: Figures | null;
}

/** All nodes. */
export interface ClusterShape {
  readonly totals: Figures;
  readonly nodes: readonly MemberShape[];
  readonly missing: readonly string[];
}

/** Counts in buckets whose upper bounds double, in `unitSeconds`: up to 1, 2, 4 ... units. */
export interface BucketsShape {
  readonly unitSeconds: number;
  readonly buckets: readonly number[];
}

/** Times that are measured. */
export type TimesShape = Readonly<
  Record<"firstDelivery" | "acknowledgement" | "fsync" | "loopLag", BucketsShape>
>;

/** One event of the live stream. */
export interface SnapshotShape {
  readonly now: string;
  readonly nodeId: string;
  readonly notReady: readonly string[];
  readonly info: Readonly<Record<string, Readonly<Record<string, number | string>>>>;
  readonly times: TimesShape;
  readonly longestQueues: readonly QueueShape[];
  readonly oldestJobAgeSeconds: number | null;
  readonly isPartial: boolean;
  readonly cluster: ClusterShape | null;
  readonly clusterAgeSeconds: number | null;
}

/** The beginning of a body. */
export interface BodyShape {
  readonly bytes: number;
  readonly isCut: boolean;
  readonly text: string | null;
  readonly base64: string | null;
}

/** A job. */
export interface JobShape {
  readonly id: string;
  readonly queue: Named;
  readonly state: string;
  readonly replicate: number;
  readonly createdAt: string;
  readonly ttlLeftSeconds: number;
  readonly delaySeconds: number;
  readonly retrySeconds: number;
  readonly nacks: number;
  readonly additionalDeliveries: number;
  readonly holders: readonly string[];
  readonly confirmed: readonly string[];
  readonly requeueWithinSeconds: number | null;
  readonly awakeWithinSeconds: number | null;
  readonly body: BodyShape;
}

/** The ring. */
export interface RingShape {
  readonly nodes: readonly {
    readonly nodeId: string;
    readonly address: string;
    readonly flags: readonly string[];
    readonly tokens: number | null;
    readonly share: number | null;
  }[];
  /** Index in `nodes` of the owner of each of many equal parts. */
  readonly slices: readonly number[];
  /** Of the key that was asked about. */
  readonly position: number | null;
}

/** A client. */
export interface ClientShape {
  readonly id: number;
  readonly address: string;
  readonly name: string;
  readonly library: string;
  readonly ageSeconds: number;
  readonly idleSeconds: number;
  readonly isWorker: boolean;
  readonly isMonitor: boolean;
  readonly isBlocked: boolean;
  readonly jobsTaken: number;
  readonly jobsSettled: number;
  readonly tookSecondsAgo: number | null;
  readonly lastCommand: string | null;
  readonly waitsFor: readonly Named[];
  readonly waitsForCount: number;
  readonly bufferedBytes: number;
  readonly unsentBytes: number;
}

/** A slow command. */
export interface SlowShape {
  readonly id: number;
  readonly startedAt: string;
  readonly durationMicros: number;
  readonly args: readonly string[];
  readonly clientAddress: string;
  readonly clientName: string;
}
