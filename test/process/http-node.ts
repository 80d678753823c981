/**
 * A real server with HTTP on a free port, for tests of it.
 *
 * The port is in its ports file like the others.
 */
import type { Scope } from "../support/cleanup.ts";
import { type Directives, startNode, type TestNode } from "../support/node.ts";

/** The server, and addresses of it. */
export interface NodeWithHttp {
  readonly node: TestNode;
  url(path: string): string;
}

/** Starts it. */
export async function startWithHttp(t: Scope, more: Directives = {}): Promise<NodeWithHttp> {
  const node = await startNode(t, { "http-port": "any", ...more });
  return { node, url: (path) => `http://127.0.0.1:${node.ports.httpPort}${path}` };
}
