/**
 * Directives about who reaches ringq and what a client may do: network, clients, security.
 *
 * Most are Redis' and the reference's names and meanings; limits on single requests are ringq's
 * own.
 */

import { rowsOf } from "./directive.ts";
import { COUNT_MAX, integer, oneOf, path, size, text, yesNo } from "./kinds.ts";
import { addresses, host, keepalive, outputBufferLimit, permissions } from "./kinds-network.ts";

const network = rowsOf("Network");
const clients = rowsOf("Clients");
const security = rowsOf("Security");

const PORT_MAX = 65_535;

/** Where to listen, and under which address others find this node. */
export const networkDirectives = [
  network("port", integer({ min: 0, max: PORT_MAX }), {
    default: 7711,
    position: 13,
    invalid: "Invalid port",
    help: "TCP port for clients. 0 means none: use tls-port or unixsocket then.",
  }),
  network("bind", addresses(), {
    default: [],
    position: 35,
    help:
      "Addresses of this machine to listen on; without any, all of them. An address with a - in " +
      "front of it may be missing on this machine: `bind 127.0.0.1 -::1`.",
  }),
  network("unixsocket", path({ mayBeEmpty: true }), {
    default: "",
    position: 2,
    help: "Path of a unix socket to listen on in addition to the TCP port. Empty means none.",
  }),
  network("unixsocketperm", permissions(), {
    default: 0,
    position: 34,
    invalid: "Invalid socket file permissions",
    help:
      "Permissions of the unix socket, for example 700 for its owner alone. 0 leaves what the " +
      "system gives.",
  }),
  network("tcp-backlog", integer({ min: 0, max: PORT_MAX }), {
    default: 511,
    position: 14,
    invalid: "Invalid backlog value",
    help:
      "How many connections may wait to be accepted. The system cuts this to its own limit " +
      "(net.core.somaxconn on Linux).",
  }),
  network("tcp-keepalive", keepalive(), {
    default: 0,
    position: 20,
    mutable: true,
    invalid: "Invalid tcp-keepalive value",
    help:
      "Send a keep-alive probe on connections that are silent for this many seconds, so that " +
      "peers that vanished are noticed. 0 or no: never. Applies to new connections.",
  }),
  network("announce-ip", host(), {
    default: "",
    mutable: true,
    help:
      "Address that HELLO and CLUSTER NODES give for this node. Needed behind NAT and in " +
      "containers; without it they give the address the client connected to.",
  }),
  network("announce-port", integer({ min: 0, max: PORT_MAX }), {
    default: 0,
    mutable: true,
    help:
      "Client port that HELLO and CLUSTER NODES give for this node. 0: the one in port; with port 0 or " +
      "tls-cluster the one in tls-port.",
  }),
  network("ports-file", path({ mayBeEmpty: true }), {
    default: "",
    help:
      "Write the ports really in use to this file as one line of JSON, once the server is " +
      "ready. With it, `port 0` means any free port. Meant for tests.",
  }),
] as const;

/** How many clients, and how much of everything each may use. */
export const clientDirectives = [
  clients("maxclients", integer({ min: 1, max: COUNT_MAX }), {
    default: 10_000,
    position: 16,
    mutable: true,
    invalid: "Invalid max clients limit",
    help:
      "Connections beyond this number are refused with an error. Lowered at start when the " +
      "system allows the process fewer open files.",
  }),
  clients("timeout", integer({ min: 0, max: COUNT_MAX, unit: "seconds" }), {
    default: 0,
    position: 7,
    mutable: true,
    invalid: "Invalid timeout value",
    help:
      "Close connections that sent nothing for this many seconds. Clients blocked in GETJOB are " +
      "left alone. 0: never.",
  }),
  clients("client-query-buffer-limit", size({ min: 1024 * 1024 }), {
    default: 64 * 1024 * 1024,
    mutable: true,
    help:
      "Close a client that sends more than this ahead of a GETJOB that waits; a single request may " +
      "be larger. What all clients have sent and what has not run may take three quarters of " +
      "maxmemory together: above it the client with the most is closed.",
  }),
  clients("client-output-buffer-limit", outputBufferLimit(), {
    default: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
    position: 33,
    mutable: true,
    help:
      "Close a client that reads its replies too slowly: as soon as more than the hard limit " +
      "waits for it, or more than the soft limit for the given number of seconds. Sizes may " +
      "have units, 0 means no limit.",
  }),
  clients("max-job-size", size({ min: 1, max: 512 * 1024 * 1024 }), {
    default: 512 * 1024 * 1024,
    mutable: true,
    help: "Largest job body that ADDJOB takes. The protocol allows no more than 512mb.",
  }),
  clients("max-queue-name", size({ min: 1, max: 512 * 1024 * 1024 }), {
    default: 64 * 1024,
    mutable: true,
    help: "Longest queue name that commands take.",
  }),
] as const;

/** Who is let in. */
export const securityDirectives = [
  security("requirepass", text({ maxBytes: 512 }), {
    default: "",
    position: 1,
    mutable: true,
    secret: true,
    invalid: "Password is longer than CONFIG_AUTHPASS_MAX_LEN",
    help:
      "Clients must send AUTH with this password before anything else. Empty means no password. " +
      "Use a long random one: a fast attacker can try many.",
  }),
  security("protected-mode", yesNo(), {
    default: true,
    mutable: true,
    help:
      "While no password is set, refuse clients from other machines. Switch it off only when " +
      "something else, such as a firewall, keeps strangers away.",
  }),
  security("enable-debug-command", oneOf(["no", "local", "yes"]), {
    default: "local",
    help:
      "Who may use DEBUG: nobody, clients on this machine, or everybody. Only with yes does " +
      "DEBUG crash the server on request.",
  }),
] as const;
