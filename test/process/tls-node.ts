/**
 * A real server that speaks TLS only, for tests of it.
 *
 * Clients bring the server's own certificate unless they say otherwise: it is for both uses.
 */
import type { TestContext } from "node:test";
import type { ConnectionOptions } from "node:tls";
import { Authority, type Certificates, pem } from "../support/certificates.ts";
import { atEnd } from "../support/cleanup.ts";
import { type Directives, startNode, type TestNode } from "../support/node.ts";
import { RespClient } from "../support/resp-client.ts";
import { tempDir } from "../support/temp-dir.ts";

/** The server and what it was given. */
export interface TlsNode {
  readonly node: TestNode;
  readonly port: number;
  readonly authority: Authority;
  readonly files: Certificates;
  /** A client that trusts the authority, with this certificate; closed when the test ends. */
  client(own?: { cert: string; key: string } | "no certificate"): Promise<RespClient>;
}

/** The directives that name these files. */
export function tlsDirectives({ ca, cert, key }: Certificates): Directives {
  return { "tls-cert-file": [cert], "tls-key-file": [key], "tls-ca-cert-file": [ca] };
}

/** What a client of node:tls needs. */
export function clientOptions(ca: string, own?: { cert: string; key: string }): ConnectionOptions {
  return { ca: pem(ca), ...(own !== undefined && { cert: pem(own.cert), key: pem(own.key) }) };
}

/** Starts it. */
export async function startTlsNode(t: TestContext, more: Directives = {}): Promise<TlsNode> {
  const authority = await Authority.make(await tempDir(t));
  const files = await authority.issue("node");
  const node = await startNode(t, { "tls-port": "any", ...tlsDirectives(files), ...more });
  const port = node.ports.tlsPort;
  const client: TlsNode["client"] = async (own = files) => {
    const tls = clientOptions(files.ca, own === "no certificate" ? undefined : own);
    const connection = await RespClient.connect({ port, tls });
    atEnd(t, () => connection.close());
    return connection;
  };
  return { node, port, authority, files, client };
}
