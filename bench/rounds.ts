/**
 * Measuring servers in turn: every round visits every server, so that whatever else happens on the
 * machine happens to all of them, and the order changes with each round.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Contender, RunningServer } from "./compare/contender.ts";
import type { Figures, Workload } from "./suite.ts";

/** After a flush, so that one server's clean-up does not run into the other's measurement. */
const SETTLE_MS = 300;

/** The figures of all rounds by server name, in order of rounds. */
export type Rounds = ReadonlyMap<string, readonly Figures[]>;

/** Runs a workload on all servers; `label` names the profiles of this workload. */
export async function runRounds(
  workload: Workload,
  contenders: readonly Contender[],
  rounds: number,
  label: string,
): Promise<Rounds> {
  const measured = new Map<string, Figures[]>(contenders.map(({ name }) => [name, []]));
  const record = async (contender: Contender, server: RunningServer) => {
    const figures = await workload.round(server);
    measured.get(contender.name)?.push(figures);
  };
  const inTurn = (round: number) => (round % 2 === 0 ? contenders : [...contenders].reverse());

  if (workload.needsFreshServer) {
    for (let round = 0; round < rounds; round++) {
      for (const contender of inTurn(round)) {
        await withServer(contender, `${label}-${round + 1}`, (server) => record(contender, server));
      }
    }
    return measured;
  }
  const servers = new Map<Contender, RunningServer>();
  try {
    for (const contender of contenders) {
      const server = await contender.start(label);
      servers.set(contender, server);
      await workload.warmUp(server);
    }
    for (let round = 0; round < rounds; round++) {
      for (const contender of inTurn(round)) {
        const server = servers.get(contender);
        if (!server) continue;
        await server.flush();
        await sleep(SETTLE_MS);
        await record(contender, server);
        await server.flush();
      }
    }
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()));
  }
  return measured;
}

async function withServer(
  contender: Contender,
  label: string,
  use: (server: RunningServer) => Promise<void>,
): Promise<void> {
  const server = await contender.start(label);
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}
