/**
 * Takes over what changed in the configuration file while the server runs, and tells the log.
 *
 * All of it or nothing; what only a restart can change is named.
 */
import type { Config } from "../config/config.ts";
import type { Logger } from "./logger.ts";

/** Lets `config` have what is new in `next`, which was read anew. */
export function reloadConfig(config: Config, next: Config, log: Logger): void {
  const { changed, needRestart, error } = config.reload(next);
  if (error !== "") log.warning("the configuration file was not applied", { error });
  else log.notice("configuration read again", { changed, needRestart });
}
