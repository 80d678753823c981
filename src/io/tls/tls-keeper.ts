/**
 * Keeps what new TLS connections are made with, and renews it: CONFIG SET, SIGHUP.
 *
 * One for each server. What cannot be read is never used: the former certificate goes on serving.
 */
import type { Config } from "../../config/config.ts";
import { usesTls } from "../../config/tls-needs.ts";
import type { Logger } from "../logger.ts";
import { makeTlsContext, type TlsContext } from "./tls-context.ts";

/** Directives whose change makes another context. */
const RENEWED_BY = [
  "tls-cert-file",
  "tls-key-file",
  "tls-key-file-pass",
  "tls-client-cert-file",
  "tls-client-key-file",
  "tls-client-key-file-pass",
  "tls-ca-cert-file",
  "tls-ca-cert-dir",
  "tls-auth-clients",
  "tls-protocols",
  "tls-ciphers",
  "tls-ciphersuites",
  "tls-prefer-server-ciphers",
  "tls-session-caching",
  "tls-session-cache-timeout",
  "tls-cluster",
] as const;

/** What a keeper needs of its server. */
export interface TlsKeeperParts {
  readonly config: Config;
  readonly log: Logger;
  /** Wall clock ms. */
  readonly wallMs: () => number;
}

/** The certificate and settings in use. */
export class TlsKeeper {
  readonly #parts: TlsKeeperParts;
  readonly #listeners: ((context: TlsContext) => void)[] = [];
  #context: TlsContext | undefined;

  constructor(parts: TlsKeeperParts) {
    this.#parts = parts;
  }

  /** Reads everything, if TLS is used. Throws an Error that says what is wrong. */
  start(): void {
    const { config } = this.#parts;
    if (usesTls(config.settings)) this.#use(makeTlsContext(config.settings));
    config.onSetAny(RENEWED_BY, () => this.#renew());
  }

  /** As it is now. Throws when TLS is not used: whoever asks must know that. */
  get context(): TlsContext {
    if (this.#context === undefined) throw new Error("TLS is not used");
    return this.#context;
  }

  /** Wall clock ms; 0 without a certificate. */
  get validToMs(): number {
    return this.#context?.validToMs ?? 0;
  }

  /** Calls `listener` with the present context and with every later one. */
  onRenewed(listener: (context: TlsContext) => void): void {
    this.#listeners.push(listener);
    if (this.#context !== undefined) listener(this.#context);
  }

  /** SIGHUP: the same files may have another content. */
  reload(): void {
    const { config, log } = this.#parts;
    if (!usesTls(config.settings)) return;
    const error = this.#renew();
    if (error !== undefined)
      log.warning("certificates were not read again; the former stay", { error });
  }

  /** Returns why everything stays as it was, or undefined. */
  #renew(): string | undefined {
    const { settings } = this.#parts.config;
    if (!usesTls(settings)) return undefined;
    try {
      this.#use(makeTlsContext(settings));
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #use(context: TlsContext): void {
    const { config, log, wallMs } = this.#parts;
    this.#context = context;
    for (const listener of this.#listeners) listener(context);
    const { validFromMs, validToMs } = context;
    const file = config.settings["tls-cert-file"];
    const facts = { file, validTo: new Date(validToMs).toISOString() };
    if (validToMs < wallMs()) log.warning("the certificate of this node has expired", facts);
    else if (validFromMs > wallMs())
      log.warning("the certificate of this node is not valid yet", facts);
    else log.notice("certificate read", facts);
  }
}
