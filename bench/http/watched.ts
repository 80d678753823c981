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
import type { WatchOrder, WatchPlan } from "./watchers.ts";

const VIEWERS = 10;
const GAVE_UP = "the watchers have given up";
const watchersPath = join(import.meta.dirname, "watchers.js");

/** How a server is measured; `ringq` switches within a round. */
export type Way = "watched" | "alone" | "ringq";

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
    return this.withWatchers((watch) => {
      watch(true);
      return measure();
    });
  }

  /** Does something with watchers at hand, who watch while they are told to. */
  async withWatchers<T>(
    use: (watch: (isWatching: boolean) => void) => Promise<T>,
    haste = 1,
  ): Promise<T> {
    const watchers = spawn("generator", process.execPath, [watchersPath], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const plan: WatchPlan = { httpPort: this.#httpPort, viewers: VIEWERS, haste };
    watchers.send(plan);
    try {
      const result = await use((isWatching) => {
        if (!watchers.connected) throw new Error(GAVE_UP);
        const order: WatchOrder = { isWatching };
        watchers.send(order);
      });
      if (watchers.exitCode !== null) throw new Error(GAVE_UP);
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

/** One way or both of them; the process, which has a core or not by its role, is started by the first. */
export function watchable(build: Build, role: Role, ways: readonly Way[]): Contender[] {
  let starting: Promise<Started> | undefined;
  const directives = `--http-port any ${build.directives ?? ""}`.trim();
  return ways.map((name) => ({
    name,
    async start(label) {
      starting ??= startRingq({ ...build, directives }, label, role);
      const started = await starting;
      return new WatchedServer(started, name === "watched", async () => {
        if (starting === undefined) return;
        starting = undefined;
        await started.stop();
      });
    },
  }));
}
