/**
 * redis-server, without persistence unless told: the yardstick that everybody has at hand.
 *
 * It also brings the load generator that is used where it fits, see load/redis-benchmark.ts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ask } from "../../src/client/load/connection.ts";
import { request } from "../../src/client/load/dialect.ts";
import { collect, spawn, stopProcess, whenReady } from "../spawn.ts";
import { type Contender, RunningServer } from "./contender.ts";

/** A port nobody listens on at the moment; redis-server can't choose one itself. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Redis with everything in memory; `directives` say what else. */
export function redis(directives = "--appendonly no"): Contender {
  return {
    name: "redis",
    async start() {
      const folder = mkdtempSync(join(tmpdir(), "ringq-bench-redis-"));
      const port = await freePort();
      const settings = `--port ${port} --bind 127.0.0.1 ${directives} --dir ${folder} --save`;
      const child = spawn("server", "redis-server", [...settings.split(" "), ""], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      const isUp = async () => {
        const reply = await ask(port, request("PING")).catch(() => undefined);
        return reply ? true : undefined;
      };
      await whenReady(child, collect(child), isUp);
      return new RunningServer("redis", [{ port, pid: child.pid ?? 0 }], async () => {
        await stopProcess(child);
        rmSync(folder, { recursive: true, force: true });
      });
    },
  };
}
