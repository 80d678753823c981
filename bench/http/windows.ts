/**
 * What watchers cost a server under load, from many short windows: watched, alone, alone, watched, and so on.
 *
 * Machines that others work on too do 10 % more in this second and 10 % less in the next, whatever is measured; looked for
 * is a difference of 2 %. Neighbouring windows share most of that, sums of many of them the rest. So the load runs through, and only
 * the watchers come and go.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "../../src/client/load/dialect.ts";
import { Meter } from "../../src/client/load/meter.ts";
import type { Figures } from "../suite.ts";
import type { WatchedServer } from "./watched.ts";

/** Watchers have their connections, or have lost them. */
const SWITCH_MS = 50;
const COMMANDS = /total_commands_processed:(\d+)/;

/** How a round is divided. */
export interface WindowPlan {
  readonly pairs: number;
  readonly windowSeconds: number;
}

/** For how long a load must run that is measured like this, at most. */
export function secondsOf({ pairs, windowSeconds }: WindowPlan): number {
  return 2 * pairs * (windowSeconds + (2 * SWITCH_MS) / 1000);
}

/** All windows of one kind. */
class Total {
  #commands = 0;
  #seconds = 0;
  #cpuMicros = 0;

  async addWindow(server: WatchedServer, windowSeconds: number): Promise<void> {
    const before = await commandsOf(server);
    const meter = new Meter([server.pid]);
    await sleep(windowSeconds * 1000);
    const { operations, seconds, serverCpuMicros } = meter.stop(
      (await commandsOf(server)) - before,
    );
    this.#commands += operations;
    this.#seconds += seconds;
    this.#cpuMicros += serverCpuMicros;
  }

  get perSecond(): number {
    return this.#commands / this.#seconds;
  }

  get cpuMicros(): number {
    return this.#cpuMicros / this.#commands;
  }
}

async function commandsOf(server: WatchedServer): Promise<number> {
  const reply = (await server.ask(request("INFO", "stats"))).toString("latin1");
  const [, commands] = COMMANDS.exec(reply) ?? [];
  if (commands === undefined) throw new Error("the server does not count its commands");
  return Number(commands);
}

/** Measures a server that is under load for all the time. */
export async function watchedByWindows(
  server: WatchedServer,
  { pairs, windowSeconds }: WindowPlan,
): Promise<Figures> {
  const watched = new Total();
  const alone = new Total();
  await server.withWatchers(async (watch) => {
    const watchedWindow = async (): Promise<void> => {
      watch(true);
      await sleep(SWITCH_MS);
      await watched.addWindow(server, windowSeconds);
      watch(false);
      await sleep(SWITCH_MS);
    };
    for (let pair = 0; pair < pairs; pair++) {
      if (pair % 2 === 0) await watchedWindow();
      await alone.addWindow(server, windowSeconds);
      if (pair % 2 === 1) await watchedWindow();
    }
  });
  return {
    watchedPerSecond: watched.perSecond,
    alonePerSecond: alone.perSecond,
    throughput: watched.perSecond / alone.perSecond,
    cpuMicros: watched.cpuMicros,
    cpu: watched.cpuMicros / alone.cpuMicros,
  };
}
