/**
 * All that is needed to open a connection to a server, and to its neighbours.
 *
 * Certificates are here as texts: who reads the files can say what is wrong with them before anything
 * is connected.
 */
import type { ServerAddress } from "./address.ts";

/** How to speak TLS. */
export interface TlsSettings {
  /** Certificates of authorities, PEM; the system's own unless given. */
  readonly ca?: readonly string[];
  /** Our own certificate and its key, PEM, for servers that ask for one. */
  readonly cert?: string;
  readonly key?: string;
  /** The name that the server's certificate must have, and that is sent to it; the host unless given. */
  readonly serverName?: string;
  /** Take any certificate. */
  readonly isInsecure: boolean;
}

/** A server and the login there. */
export interface Target {
  readonly address: ServerAddress;
  readonly tls?: TlsSettings;
  readonly user?: string;
  readonly password?: string;
  /** Hears that a server was told a password and has none. */
  readonly onNeedlessPassword?: () => void;
  /** To connect and log in. */
  readonly connectTimeoutMs: number;
  /** Between a request and the next bytes of its reply; none unless given. */
  readonly replyTimeoutMs?: number;
}

/** The same login at another place. */
export function elsewhere(target: Target, host: string, port: number): Target {
  return { ...target, address: { kind: "tcp", host, port } };
}
