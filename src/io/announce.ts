/**
 * What the log says when a server has started: the banner, doubts about the machine, what is set.
 *
 * Whoever looks for the reason of something later begins there. It only tells.
 */
import { resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { readMachine, startBanner } from "./banner.ts";
import type { Logger } from "./logger.ts";

/** Where a server listens, and how many clients were asked for: a lowered number is told. */
export interface Announced {
  readonly version: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly busPort: number | undefined;
  readonly maxClients: number;
}

/** Says it. */
export function announceStart(config: Config, log: Logger, announced: Announced): void {
  const { version, port, tlsPort, busPort, maxClients } = announced;
  const { settings } = config;
  const start = {
    version,
    pid: process.pid,
    port,
    mode: "standalone",
    maxClients,
    tcpBacklog: settings["tcp-backlog"],
    maxMemoryBytes: settings.maxmemory,
  };
  for (const line of startBanner(start, readMachine())) log[line.level](line.message, line.data);
  for (const warning of config.warnings) log.warning(warning);
  for (const override of config.overrides) log.verbose("setting overridden", { ...override });
  log.notice("ready to accept connections", {
    port,
    tlsPort: tlsPort === 0 ? undefined : tlsPort,
    busPort,
    bind: settings.bind,
    unixsocket: settings.unixsocket === "" ? undefined : resolve(settings.unixsocket),
    dir: process.cwd(),
  });
}
