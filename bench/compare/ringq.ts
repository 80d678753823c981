/**
 * ringq itself, from this checkout or from another one to compare with.
 *
 * It is started as a user would start it, on a port of its own choosing, with an empty folder that
 * goes when the server does.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collect, spawn, stopProcess, whenReady } from "../spawn.ts";
import { type Contender, RunningServer } from "./contender.ts";

/** Where this checkout's own server is, seen from the compiled file. */
export const ownServerPath = join(import.meta.dirname, "../../src/main.js");

/** The port a server has announced in its ports file; undefined until it has. */
function announcedPort(path: string): number | undefined {
  try {
    const { port } = JSON.parse(readFileSync(path, "utf8")) as { port?: number };
    return port;
  } catch {
    return undefined;
  }
}

/**
 * A ringq server that keeps everything in memory without a limit.
 * With `profileFolder` every server writes a CPU profile there when it ends.
 */
export function ringq(name: string, mainPath: string, profileFolder?: string): Contender {
  return {
    name,
    async start(label) {
      const folder = mkdtempSync(join(tmpdir(), "ringq-bench-"));
      const portsFile = join(folder, "ports.json");
      const profile = profileFolder
        ? ["--cpu-prof", `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${label}.cpuprofile`]
        : [];
      const settings = `--port 0 --bind 127.0.0.1 --maxmemory 0 --loglevel warning --dir ${folder}`;
      const args = [...profile, mainPath, ...settings.split(" "), "--ports-file", portsFile];
      const child = spawn("server", process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
      const output = collect(child);
      const port = await whenReady(child, output, async () => announcedPort(portsFile));
      return new RunningServer("disque", port, child, async () => {
        await stopProcess(child);
        rmSync(folder, { recursive: true, force: true });
      });
    },
  };
}
