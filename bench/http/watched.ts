/**
 * One server that is measured in two ways in turn: watched by HTTP, and not.
 *
 * Two processes would differ by more than what is looked for here, so both contenders are the same one.
 */
import { join } from "node:path";
import { Connection } from "../../src/client/connection.ts";
import { type Contender, RunningServer } from "../compare/contender.ts";
import { type Build, startRingq } from "../compare/ringq.ts";
import { type Role, spawn, stopProcess } from "../spawn.ts";
import type { WatchPlan } from "./watchers.ts";

const VIEWERS = 10;
const watchersPath = join(import.meta.dirname, "watchers.js");

type Started = Awaited<ReturnType<typeof startRingq>>;

/** The server, with HTTP. */
export class WatchedServer extends RunningServer {
  readonly #httpPort: number;
  readonly #isWatched: boolean;

  constructor(process: Started, isWatched: boolean, stop: () => Promise<void>) {
    super("disque", [process], stop);
    this.#httpPort = process.httpPort;
    this.#isWatched = isWatched;
  }

  /** Adds a job to each of so many queues. */
  async fillQueues(queues: number): Promise<void> {
    const address = { kind: "tcp", host: "127.0.0.1", port: this.port } as const;
    const connection = await Connection.open({ address, connectTimeoutMs: 5000 });
    try {
      const names = Array.from({ length: queues }, (_, i) => `watched-${i}`);
      await Promise.all(names.map((name) => connection.ask("ADDJOB", name, "body", "0")));
    } finally {
      connection.close();
    }
  }

  /** Does something while the server is watched, if this is the way it is measured. */
  async whileWatched<T>(measure: () => Promise<T>): Promise<T> {
    if (!this.#isWatched) return measure();
    const watchers = spawn("generator", process.execPath, [watchersPath], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const plan: WatchPlan = { httpPort: this.#httpPort, viewers: VIEWERS };
    watchers.send(plan);
    try {
      const result = await measure();
      if (watchers.exitCode !== null) throw new Error("the watchers have given up");
      return result;
    } finally {
      await stopProcess(watchers);
    }
  }
}

/** The running server as what it is. */
export function asWatched(server: RunningServer): WatchedServer {
  if (server instanceof WatchedServer) return server;
  throw new Error("this workload needs a server with HTTP");
}

/** Both ways; the process, which has a core or not by its role, is started by the first of them. */
export function watchedAndNot(build: Build, role: Role): Contender[] {
  let starting: Promise<Started> | undefined;
  const directives = `--http-port any ${build.directives ?? ""}`.trim();
  const contender = (name: string, isWatched: boolean): Contender => ({
    name,
    async start(label) {
      starting ??= startRingq({ ...build, directives }, label, role);
      const started = await starting;
      return new WatchedServer(started, isWatched, async () => {
        if (starting === undefined) return;
        starting = undefined;
        await started.stop();
      });
    },
  });
  return [contender("watched", true), contender("alone", false)];
}
