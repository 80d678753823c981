/**
 * Starts TLS for a server that wants it.
 *
 * Also lets the world know how long the certificate is valid, which INFO and metrics show.
 */
import type { Config } from "../../config/config.ts";
import type { ServerLogger } from "../logger.ts";
import type { World } from "../world.ts";
import { TlsKeeper } from "./tls-keeper.ts";

/** Reads what the settings name. Throws an Error that says what is wrong with it. */
export function startTls(config: Config, log: ServerLogger, world: World): TlsKeeper {
  const tls = new TlsKeeper({ config, log, wallMs: () => world.wallMs });
  tls.onRenewed(({ validToMs }) => {
    world.facts = { ...world.facts, certificateEndsMs: validToMs };
  });
  tls.start();
  return tls;
}
