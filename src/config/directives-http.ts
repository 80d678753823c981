/**
 * Directives about HTTP: metrics, health, the JSON API and the dashboard.
 *
 * Off unless asked for, and then for this machine only: whoever reaches it can read every job and add
 * or delete some, and a second open port is nothing that an update may bring. Several nodes on one machine
 * would also fight over any default. 8711 is the number by convention.
 */
import { rowsOf } from "./directive.ts";
import { integer, text, yesNo } from "./kinds.ts";
import { addresses, portOrAny } from "./kinds-network.ts";

const http = rowsOf("HTTP");

/** Most queues that one page of metrics may name: some 10 MB of text. */
const METRICS_QUEUES_MAX = 100_000;

/** The HTTP port and who may use it. */
export const httpDirectives = [
  http("http-port", portOrAny(), {
    default: 0,
    help:
      "TCP port for metrics, health checks, the JSON API and the dashboard, usually 8711. 0: none " +
      "is opened. any: a free one, which ports-file tells; meant for tests.",
  }),
  http("http-bind", addresses(), {
    default: ["127.0.0.1", "-::1"],
    help:
      "Addresses of this machine to serve HTTP on. Clients from other machines get health checks " +
      "only, until http-password or requirepass is set.",
  }),
  http("http-password", text({ maxBytes: 512 }), {
    default: "",
    mutable: true,
    secret: true,
    help:
      "Password for HTTP, as that of any user (Basic) or as a bearer token. Health checks need none. " +
      "Empty: requirepass, if there is one.",
  }),
  http("http-tls", yesNo(), {
    default: false,
    help:
      "Serve HTTPS on http-port, with tls-cert-file. Browsers and health checks need no certificate of " +
      "their own, whatever tls-auth-clients says: the password guards HTTP.",
  }),
  http("metrics-queues-max", integer({ min: 0, max: METRICS_QUEUES_MAX }), {
    default: 10_000,
    mutable: true,
    help:
      "Most queues that /metrics/per-queue tells about; the metric ringq_queues_omitted says how many " +
      "more there are.",
  }),
] as const;
