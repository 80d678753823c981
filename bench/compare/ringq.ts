/**
 * ringq itself, from this checkout or from another one to compare with.
 *
 * It is started as a user would start it, on a port of its own choosing, with an empty folder that
 * goes when the server does.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collect, type Role, spawn, stopProcess, whenReady } from "../spawn.ts";
import { type Contender, RunningServer, type ServerProcess } from "./contender.ts";

/** Where this checkout's own server is, seen from the compiled file. */
export const ownServerPath = join(import.meta.dirname, "../../bin/ringq-server.js");

/** Where a server says in its ports file that it listens; undefined until it has. */
function announcedPorts(path: string): Ports | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Ports;
  } catch {
    return undefined;
  }
}

interface Ports {
  readonly port: number;
  readonly busPort: number;
  /** 0 unless the build says `--http-port`. */
  readonly httpPort: number;
}

/** A build of the server, and how it is started. */
export interface Build {
  readonly mainPath: string;
  /** Beside the usual ones, such as `--appendonly yes`. */
  readonly directives?: string | undefined;
  /** Every process writes a CPU profile here when it ends. */
  readonly profileFolder?: string | undefined;
}

/** One started process. */
export interface RingqProcess extends ServerProcess, Ports {
  /** Its data. */
  readonly folder: string;
  /** Ends it, and removes the folder. */
  stop(): Promise<void>;
  /** Ends it at once; the folder is left as it is. */
  kill(): Promise<void>;
}

/**
 * Starts one process that keeps everything in memory without a limit. `label` names its profile;
 * `folder` is one that another process has left behind.
 */
export async function startRingq(
  build: Build,
  label: string,
  role: Role,
  folder: string = mkdtempSync(join(tmpdir(), "ringq-bench-")),
): Promise<RingqProcess> {
  const portsFile = join(folder, "ports.json");
  rmSync(portsFile, { force: true });
  const profile = build.profileFolder
    ? ["--cpu-prof", `--cpu-prof-dir=${build.profileFolder}`, `--cpu-prof-name=${label}.cpuprofile`]
    : [];
  const more = build.directives === undefined ? "" : ` ${build.directives}`;
  const settings = `--port 0 --bind 127.0.0.1 --maxmemory 0 --loglevel warning --dir ${folder}${more}`;
  const args = [...profile, build.mainPath, ...settings.split(" "), "--ports-file", portsFile];
  const child = spawn(role, process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const ports = await whenReady(child, collect(child), async () => announcedPorts(portsFile));
  return {
    port: ports.port,
    busPort: ports.busPort,
    httpPort: ports.httpPort,
    pid: child.pid ?? 0,
    folder,
    stop: async () => {
      await stopProcess(child);
      rmSync(folder, { recursive: true, force: true });
    },
    kill: () => stopProcess(child, "SIGKILL"),
  };
}

/** A ringq server of one process. */
export function ringq(name: string, build: Build, role: Role = "server"): Contender {
  return {
    name,
    async start(label) {
      const started = await startRingq(build, label, role);
      return new RunningServer("disque", [started], () => started.stop());
    },
  };
}
