/**
 * Figures about the process and its clients: Server, Clients, CPU.
 *
 * Where the reference has a field that means nothing here, it holds what a program that looks for it
 * takes for harmless.
 */
import { type InfoField, rowsOf } from "./field.ts";
import type { InfoSource } from "./source.ts";

const server = rowsOf("Server");
const clients = rowsOf("Clients");
const cpu = rowsOf("CPU");

const SECONDS_PER_DAY = 86_400;

/** The wall clock may have been set back since the start. */
function uptimeSeconds(source: InfoSource): number {
  return Math.max(Math.floor((source.wallMs - source.facts.startedWallMs) / 1000), 0);
}

/** The section Server. */
export const serverFields: readonly InfoField[] = [
  server.text("disque_version", {
    help: "Version of Disque whose commands are understood.",
    read: () => "1.0.0",
  }),
  server.text("disque_git_sha1", { help: "Always zeros.", read: () => "00000000" }),
  server.text("disque_git_dirty", { help: "Always 0.", read: () => 0 }),
  server.text("disque_build_id", { help: "Always 0.", read: () => 0 }),
  server.text("os", { help: "Operating system.", read: ({ facts }) => facts.os }),
  server.text("arch_bits", {
    help: "Bits of a machine word.",
    read: ({ facts }) => facts.archBits,
  }),
  server.text("multiplexing_api", { help: "How sockets are awaited.", read: () => "libuv" }),
  server.text("gcc_version", { help: "Always 0.0.0: nothing was compiled.", read: () => "0.0.0" }),
  server.text("process_id", { help: "Process id.", read: ({ facts }) => facts.pid }),
  server.text("run_id", { help: "New at every start.", read: ({ facts }) => facts.runId }),
  server.text("tcp_port", {
    help: "Client port, 0 for none.",
    read: ({ facts }) => facts.tcpPort,
  }),
  server.gauge("uptime_in_seconds", {
    metric: "ringq_uptime_seconds",
    help: "Time since the start.",
    read: uptimeSeconds,
  }),
  server.text("uptime_in_days", {
    help: "The same in whole days.",
    read: (source) => Math.floor(uptimeSeconds(source) / SECONDS_PER_DAY),
  }),
  server.text("hz", { help: "The directive hz.", read: ({ settings }) => settings.hz }),
  server.text("executable", {
    help: "Path of the program.",
    read: ({ facts }) => facts.executable,
  }),
  server.text("config_file", {
    help: "Path of the configuration file, empty for none.",
    read: ({ facts }) => facts.configFile,
  }),
  server.text("ringq_version", { help: "Version of ringq.", read: ({ facts }) => facts.version }),
  server.text("node_version", {
    help: "Version of Node.js.",
    read: ({ facts }) => facts.nodeVersion,
  }),
  server.text("tls_port", {
    help: "Client port with TLS, 0 for none.",
    read: ({ facts }) => facts.tlsPort,
  }),
  server.gauge("tls_certificate_expires", {
    metric: "ringq_tls_certificate_expiry_timestamp_seconds",
    help: "Unix time at which the certificate of this node expires, 0 without one.",
    read: ({ facts }) => Math.floor(facts.certificateEndsMs / 1000),
  }),
];

/** The section Clients. */
export const clientFields: readonly InfoField[] = [
  clients.gauge("connected_clients", {
    metric: "ringq_connected_clients",
    help: "Connections of clients.",
    read: (source) => source.clients.connected,
  }),
  clients.text("client_longest_output_list", {
    help: "1 while a client is behind with taking its replies, else 0.",
    read: (source) => (source.clients.biggestOutputBytes > 0 ? 1 : 0),
  }),
  clients.gauge("client_biggest_input_buf", {
    metric: "ringq_client_biggest_input_bytes",
    help: "Most bytes of requests that wait to be run for one client.",
    read: (source) => source.clients.biggestInputBytes,
  }),
  clients.gauge("blocked_clients", {
    metric: "ringq_blocked_clients",
    help: "Clients that wait for a job.",
    read: (source) => source.clients.blocked,
  }),
  clients.gauge("client_biggest_output_buf", {
    metric: "ringq_client_biggest_output_bytes",
    help: "Most bytes of replies that one client has not taken yet.",
    read: (source) => source.clients.biggestOutputBytes,
  }),
  clients.gauge("monitor_clients", {
    metric: "ringq_monitor_clients",
    help: "Clients in MONITOR.",
    read: (source) => source.clients.monitors,
  }),
  clients.gauge("maxclients", {
    metric: "ringq_clients_max",
    help: "The directive maxclients.",
    read: ({ settings }) => settings.maxclients,
  }),
];

/** The section CPU, which is the last one of plain INFO. */
export const cpuFields: readonly InfoField[] = [
  cpu.counter("used_cpu_sys", {
    metric: "ringq_cpu_system_seconds_total",
    help: "Processor time spent in the system.",
    decimals: 2,
    read: ({ readings }) => readings.cpuSystemSeconds,
  }),
  cpu.counter("used_cpu_user", {
    metric: "ringq_cpu_user_seconds_total",
    help: "Processor time spent in the program.",
    decimals: 2,
    read: ({ readings }) => readings.cpuUserSeconds,
  }),
  cpu.counter("used_cpu_sys_children", {
    help: "Always 0: there are no child processes.",
    decimals: 2,
    read: () => 0,
  }),
  cpu.counter("used_cpu_user_children", {
    help: "Always 0: there are no child processes.",
    decimals: 2,
    read: () => 0,
  }),
  // A well-known client of Disque drops the last field of INFO: here is one that nobody will miss.
  cpu.counter("used_cpu_total", {
    help: "Sum of the above.",
    decimals: 2,
    read: ({ readings }) => readings.cpuSystemSeconds + readings.cpuUserSeconds,
  }),
];
