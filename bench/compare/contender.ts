/**
 * The servers that are compared: how each is started, and what a started one looks like.
 *
 * A suite sees nothing else of a server, so that ringq, another build of it and Redis go through
 * exactly the same measurements.
 */
import { ask } from "../../src/client/load/connection.ts";
import { type Dialect, dialects } from "../../src/client/load/dialect.ts";

/** A kind of server that can be started any number of times. */
export interface Contender {
  /** As it appears in the report. */
  readonly name: string;
  /** Starts a fresh, empty server. `label` names the profile, where one is written. */
  start(label: string): Promise<RunningServer>;
}

/** One process of a server. */
export interface ServerProcess {
  readonly port: number;
  readonly pid: number;
}

/** A server of ours to measure, until `stop`; loads go to its first process. */
export class RunningServer {
  readonly dialect: Dialect;
  readonly processes: readonly ServerProcess[];
  readonly port: number;
  readonly pid: number;
  readonly #stop: () => Promise<void>;

  constructor(
    dialectName: keyof typeof dialects,
    processes: readonly ServerProcess[],
    stop: () => Promise<void>,
  ) {
    const [first] = processes;
    if (first === undefined) throw new Error("a server has at least one process");
    this.dialect = dialects[dialectName];
    this.processes = processes;
    this.port = first.port;
    this.pid = first.pid;
    this.#stop = stop;
  }

  /** Sends one request and returns the raw reply. */
  ask(request: Buffer, port = this.port): Promise<Buffer> {
    return ask(port, request);
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
