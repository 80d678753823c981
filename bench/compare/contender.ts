/**
 * The servers that are compared: how each is started, and what a started one looks like.
 *
 * A suite sees nothing else of a server, so that ringq, another build of it and Redis go through
 * exactly the same measurements.
 */
import type { ChildProcess } from "node:child_process";
import { ask } from "../load/connection.ts";
import { type Dialect, dialects } from "../load/dialect.ts";

/** A kind of server that can be started any number of times. */
export interface Contender {
  /** As it appears in the report. */
  readonly name: string;
  /** Starts a fresh, empty server. `label` names the profile, where one is written. */
  start(label: string): Promise<RunningServer>;
}

/** A server of ours to measure, until `stop`. */
export class RunningServer {
  readonly dialect: Dialect;
  readonly port: number;
  readonly pid: number;
  readonly #stop: () => Promise<void>;

  constructor(
    dialectName: keyof typeof dialects,
    port: number,
    process: ChildProcess,
    stop: () => Promise<void>,
  ) {
    if (process.pid === undefined) throw new Error("the server did not start");
    this.dialect = dialects[dialectName];
    this.port = port;
    this.pid = process.pid;
    this.#stop = stop;
  }

  /** Sends one request and returns the raw reply. */
  ask(request: Buffer): Promise<Buffer> {
    return ask(this.port, request);
  }

  /** Forgets all jobs. */
  async flush(): Promise<void> {
    await this.ask(this.dialect.flush);
  }

  /** Ends the process and removes its files. */
  stop(): Promise<void> {
    return this.#stop();
  }
}
