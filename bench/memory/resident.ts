/**
 * Suite "memory": how many bytes a waiting job costs.
 *
 * Growth of the resident memory is what the machine pays; `used_memory` beside it is what the server
 * counts against its limit. A wide gap between them means that `maxmemory` promises too much.
 */
import { runLoad } from "../load/run.ts";
import { type Settings, type Suite, target, type Workload } from "../suite.ts";
import { accountedBytes, settledResidentBytes } from "./settle.ts";

/** Jobs added and forgotten first, so that code and buffers do not count as jobs. */
const WARM_UP_JOBS = 20_000;

function residentWorkload(settings: Settings, bodyBytes: number): Workload {
  const { jobs } = settings;
  return {
    title: `${jobs} jobs of ${bodyBytes} bytes`,
    needsFreshServer: true,
    warmUp: () => Promise.resolve(),
    async round(server) {
      const plan = {
        kind: "fill",
        ...target(server, settings),
        bodyBytes,
        connections: 4,
        pipeline: 100,
      } as const;
      await runLoad({ ...plan, jobs: Math.min(WARM_UP_JOBS, jobs) });
      await server.flush();
      const residentBefore = await settledResidentBytes(server.pid);
      const accountedBefore = await accountedBytes(server);
      await runLoad({ ...plan, jobs });
      const growth = (await settledResidentBytes(server.pid)) - residentBefore;
      return {
        residentPerJob: growth / jobs,
        accountedPerJob: ((await accountedBytes(server)) - accountedBefore) / jobs,
        startMegabytes: residentBefore / 1e6,
      };
    },
  };
}

/** Bytes per resident job. */
export const resident: Suite = {
  name: "memory",
  summary: "growth of the process for jobs that wait in one queue",
  columns: [
    { key: "residentPerJob", title: "RSS bytes/job", digits: 0, isCompared: true },
    { key: "accountedPerJob", title: "used_memory bytes/job", digits: 0 },
    { key: "startMegabytes", title: "empty MB", digits: 1 },
  ],
  roundsMax: 3,
  workloads: (settings) =>
    [settings.bodyBytes, settings.bodyBytes * 2].map((bytes) => residentWorkload(settings, bytes)),
};
