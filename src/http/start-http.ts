/**
 * Starts HTTP for a node that wants it.
 *
 * The libraries are loaded only then: most of a server's start would be spent on them.
 */
import type { ServerState } from "../commands/server-state.ts";
import type { Clients } from "../io/clients.ts";
import type { TlsKeeper } from "../io/tls/tls-keeper.ts";
import { makeHttpNode } from "./http-node.ts";
import type { StaticSite } from "./static-site.ts";

/** What HTTP needs of its node. */
export interface HttpParts {
  readonly server: ServerState;
  readonly clients: Clients;
  /** For http-tls. */
  readonly tls: TlsKeeper;
  /** Words that say what keeps the node from serving, such as "stopping" or "loading". */
  readonly reasons: () => readonly string[];
  /** Pages to serve beside the API; the dashboard unless told. */
  readonly site?: StaticSite;
}

/** HTTP that is served. */
export interface StartedHttp {
  /** 0: none. */
  readonly port: number;
  stop(): Promise<void>;
}

/** Serves HTTP if http-port says so; throws an Error that names the address that cannot be had. */
export async function startHttp(parts: HttpParts): Promise<StartedHttp> {
  const { server, clients, reasons } = parts;
  const { settings } = server.config;
  if (settings["http-port"] === 0) return { port: 0, stop: async () => {} };
  const { HttpServer } = await import("./http-server.ts");
  const site = parts.site ?? (await dashboard(server));
  const node = makeHttpNode({ server, clients, reasons });
  const http = new HttpServer(node, parts.tls, site);
  const port = await http.listen();
  const bind = settings["http-bind"];
  const isTls = settings["http-tls"];
  server.host.log("notice", isTls ? "serving HTTPS" : "serving HTTP", { port, bind });
  const isGuarded = settings["http-password"] !== "" || settings.requirepass !== "";
  const isLocal = bind.every(isLoopbackAddress);
  if (isGuarded && !isTls && !isLocal) {
    const message = "HTTP: passwords of other machines come unencrypted, unless http-tls is yes";
    server.host.log("warning", message, { bind });
  }
  if (!isGuarded && !isLocal) {
    const message =
      "HTTP: from other machines only health checks are answered, until http-password is set";
    server.host.log("warning", message, { bind });
  }
  return { port, stop: () => http.stop() };
}

/** A broker does not stay down because of its pages. */
async function dashboard({ host }: ServerState): Promise<StaticSite | undefined> {
  const { readDashboard } = await import("./dashboard-site.ts");
  try {
    return readDashboard();
  } catch (error) {
    host.log("warning", "no dashboard: its files cannot be read", { error: String(error) });
    return undefined;
  }
}

function isLoopbackAddress(address: string): boolean {
  const name = address.replace(/^-/, "");
  return name === "localhost" || name === "::1" || name.startsWith("127.");
}
