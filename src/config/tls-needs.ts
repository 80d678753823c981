/**
 * Whether TLS is used at all, and which directives it then lacks.
 *
 * Both are known without looking at any file, so `--check-config` can say so; CONFIG SET asks the same
 * before files are read.
 */
import type { DirectiveName, Settings } from "./directives.ts";

/** Something that must be set and is not. */
export interface TlsLack {
  readonly name: DirectiveName;
  readonly message: string;
}

/** Whether any port or link speaks TLS. */
export function usesTls(settings: Settings): boolean {
  return settings["tls-port"] !== 0 || settings["tls-cluster"] || settings["http-tls"];
}

/** The first thing that is missing; undefined when nothing is, or TLS is not used. */
export function tlsLack(settings: Settings): TlsLack | undefined {
  if (!usesTls(settings)) return undefined;
  for (const name of ["tls-cert-file", "tls-key-file"] as const) {
    if (settings[name] !== "") continue;
    return { name, message: `${name} is needed for tls-port, tls-cluster and http-tls` };
  }
  const hasClientCert = settings["tls-client-cert-file"] !== "";
  if (hasClientCert !== (settings["tls-client-key-file"] !== "")) {
    const message = "tls-client-cert-file and tls-client-key-file belong together";
    return { name: "tls-client-cert-file", message };
  }
  const hasAuthority = settings["tls-ca-cert-file"] !== "" || settings["tls-ca-cert-dir"] !== "";
  const asksClients = settings["tls-port"] !== 0 && settings["tls-auth-clients"] !== "no";
  if (hasAuthority || !(asksClients || settings["tls-cluster"])) return undefined;
  return {
    name: "tls-ca-cert-file",
    message:
      "tls-ca-cert-file or tls-ca-cert-dir is needed for tls-cluster, and for tls-port unless " +
      "tls-auth-clients is no",
  };
}
