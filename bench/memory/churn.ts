/**
 * Suite "churn": does memory go back when jobs go, and does it stay level over many fillings?
 *
 * Every filling must come out again to the last job, so the suite also checks that none is lost.
 */
import { runLoad } from "../load/run.ts";
import { type Column, type Settings, type Suite, target, type Workload } from "../suite.ts";
import { settledResidentBytes } from "./settle.ts";

const FILLINGS = 5;

const columns: Column[] = [{ key: "start", title: "start MB", digits: 0 }];
for (let filling = 1; filling <= FILLINGS; filling++) {
  columns.push({ key: `full${filling}`, title: `full ${filling}`, digits: 0 });
  columns.push({ key: `drained${filling}`, title: `drained ${filling}`, digits: 0 });
}

function churnWorkload(settings: Settings): Workload {
  const { jobs } = settings;
  return {
    title: `${jobs} jobs of ${settings.bodyBytes} bytes in, out and acknowledged`,
    needsFreshServer: true,
    warmUp: () => Promise.resolve(),
    async round(server) {
      const common = target(server, settings);
      const megabytes = async () => (await settledResidentBytes(server.pid)) / 1e6;
      const figures: Record<string, number> = { start: await megabytes() };
      for (let filling = 1; filling <= FILLINGS; filling++) {
        await runLoad({ kind: "fill", ...common, connections: 4, pipeline: 100, jobs });
        figures[`full${filling}`] = await megabytes();
        const drained = await runLoad({ kind: "drain", ...common, connections: 4, count: 100 });
        if (drained.operations !== jobs) {
          throw new Error(`${jobs} jobs went in, ${drained.operations} came out`);
        }
        figures[`drained${filling}`] = await megabytes();
      }
      return figures;
    },
  };
}

/** Resident memory after filling and after draining, several times. */
export const churn: Suite = {
  name: "churn",
  summary: "resident memory in MB after filling and after draining",
  columns,
  roundsMax: 1,
  workloads: (settings) => [churnWorkload(settings)],
};
