/**
 * What there is to know about the process itself.
 *
 * Whoever can look (io) fills these in; commands hand them on and INFO shows them.
 */

/** Facts about the process that INFO and others report. */
export interface ProcessFacts {
  /** Version of ringq. */
  readonly version: string;
  readonly pid: number;
  readonly runId: string;
  readonly executable: string;
  /** Absolute path, or empty without a file. */
  readonly configFile: string;
  readonly os: string;
  readonly archBits: number;
  readonly nodeVersion: string;
  /** Wall clock at start, ms. */
  readonly startedWallMs: number;
  /** TCP port in use; 0 when there is none. */
  readonly tcpPort: number;
  /** TCP port for clients that speak TLS; 0 when there is none. */
  readonly tlsPort: number;
  /** When this node's certificate ends to be valid, wall clock ms; 0 without one. */
  readonly certificateEndsMs: number;
}

/** Readings that change all the time. */
export interface ProcessReadings {
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly heapLimitBytes: number;
  readonly externalBytes: number;
  readonly cpuUserSeconds: number;
  readonly cpuSystemSeconds: number;
}
