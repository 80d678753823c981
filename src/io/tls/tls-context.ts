/**
 * Everything that TLS needs, made from the settings and checked as a whole.
 *
 * A context never changes: when files or settings do, another one is made, and if that fails the old
 * one stays in use. Connections keep what they began with.
 */
import { constants } from "node:crypto";
import {
  createSecureContext,
  DEFAULT_CIPHERS,
  type SecureContext,
  type TlsOptions,
} from "node:tls";
import type { Settings } from "../../config/directives.ts";
import { type KeyPair, readAuthorities, readKeyPair } from "./tls-files.ts";

/** Sessions are resumed by those only who began them here: the name of this use. */
const SESSION_ID_CONTEXT = "ringq";

/** What new connections are made with. */
export interface TlsContext {
  /** For those who connect; whether they are asked for a certificate is not in it. */
  readonly incoming: TlsOptions;
  /** For nodes that this one connects to. */
  readonly outgoing: SecureContext;
  /** When the certificate of this node begins and ends to be valid, wall clock ms. */
  readonly validFromMs: number;
  readonly validToMs: number;
}

/** Reads all files and puts them together. Throws an Error that says what is wrong, and where. */
export function makeTlsContext(settings: Settings): TlsContext {
  const own = ownPair(settings);
  const client = clientPair(settings) ?? own;
  const ca = readAuthorities(settings["tls-ca-cert-file"], settings["tls-ca-cert-dir"]);
  const common = { ...ciphersOf(settings), ...versionsOf(settings), ...(ca.length > 0 && { ca }) };
  const incoming: TlsOptions = {
    ...common,
    cert: own.cert,
    key: own.key,
    honorCipherOrder: settings["tls-prefer-server-ciphers"],
    sessionTimeout: settings["tls-session-cache-timeout"],
    sessionIdContext: SESSION_ID_CONTEXT,
    ...(!settings["tls-session-caching"] && { secureOptions: constants.SSL_OP_NO_TICKET }),
  };
  try {
    createSecureContext(incoming);
    const outgoing = createSecureContext({ ...common, cert: client.cert, key: client.key });
    const { validFromMs, validToMs } = own;
    return { incoming, outgoing, validFromMs, validToMs };
  } catch (error) {
    throw new Error(`TLS cannot be used with these settings: ${reasonOf(error)}`);
  }
}

function ownPair(settings: Settings): KeyPair {
  return readKeyPair({
    cert: { directive: "tls-cert-file", path: settings["tls-cert-file"] },
    key: { directive: "tls-key-file", path: settings["tls-key-file"] },
    pass: { directive: "tls-key-file-pass", passphrase: settings["tls-key-file-pass"] },
  });
}

function clientPair(settings: Settings): KeyPair | undefined {
  const certPath = settings["tls-client-cert-file"];
  if (certPath === "") return undefined;
  const passphrase = settings["tls-client-key-file-pass"];
  return readKeyPair({
    cert: { directive: "tls-client-cert-file", path: certPath },
    key: { directive: "tls-client-key-file", path: settings["tls-client-key-file"] },
    pass: { directive: "tls-client-key-file-pass", passphrase },
  });
}

/** Node.js has both kinds in one list. */
function ciphersOf(settings: Settings): { ciphers: string } {
  const defaults = DEFAULT_CIPHERS.split(":");
  const isSuite = (name: string): boolean => name.startsWith("TLS_");
  const suites = settings["tls-ciphersuites"] || defaults.filter(isSuite).join(":");
  const older = settings["tls-ciphers"] || defaults.filter((name) => !isSuite(name)).join(":");
  checkCiphers("tls-ciphersuites", suites, isSuite);
  checkCiphers("tls-ciphers", older, (name) => !isSuite(name));
  return { ciphers: `${suites}:${older}` };
}

function checkCiphers(directive: string, list: string, isRight: (name: string) => boolean): void {
  const stranger = list.split(":").find((name) => !isRight(name));
  if (stranger !== undefined) {
    throw new Error(`${directive}: ${stranger || "an empty name"} does not belong there`);
  }
  try {
    createSecureContext({ ciphers: list });
  } catch (error) {
    throw new Error(`${directive}: ${reasonOf(error)}`);
  }
}

function versionsOf({
  "tls-protocols": versions,
}: Settings): Pick<TlsOptions, "minVersion" | "maxVersion"> {
  return { minVersion: versions[0] ?? "TLSv1.2", maxVersion: versions.at(-1) ?? "TLSv1.3" };
}

/** OpenSSL's reason without its codes and source files. */
function reasonOf(error: unknown): string {
  const { reason, message } = error as { reason?: string; message?: string };
  return reason ?? message ?? String(error);
}
