/**
 * Three processes that pass a job on as a cluster does, and do nothing else: the least a job can take here.
 *
 * Producer, node, two others for copies, their answers, the node where a consumer waits: the same sockets
 * and the same turns, without a queue. On a machine that wakes processes slowly this is most of the time a
 * job is on its way; what ringq takes more is its own.
 */
import { join } from "node:path";
import { type Contender, RunningServer, type ServerProcess } from "../compare/contender.ts";
import { collect, spawn, stopProcess, whenReady } from "../spawn.ts";

const PROCESS_PATH = join(import.meta.dirname, "relay-process.js");

interface RelayProcess extends ServerProcess {
  readonly busPort: number;
  stop(): Promise<void>;
}

/** The relay, as something to compare with. */
export const relay: Contender = {
  name: "relay",
  async start() {
    const others = await Promise.all([startProcess([]), startProcess([])]);
    const first = await startProcess(others.map(({ busPort }) => busPort));
    const processes = [first, ...others];
    return new RunningServer("disque", processes, async () => {
      await Promise.all(processes.map((process) => process.stop()));
    });
  },
};

async function startProcess(busPorts: readonly number[]): Promise<RelayProcess> {
  const args = [PROCESS_PATH, ...busPorts.map(String)];
  const child = spawn("node", process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const output = collect(child);
  const ports = await whenReady(child, output, async () => {
    const line = /^\{.*\}$/m.exec(output())?.[0];
    return line === undefined
      ? undefined
      : (JSON.parse(line) as Pick<RelayProcess, "port" | "busPort">);
  });
  return { ...ports, pid: child.pid ?? 0, stop: () => stopProcess(child) };
}
