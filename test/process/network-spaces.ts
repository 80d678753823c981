/**
 * Networks of a test's own: machines behind gateways, as containers are, made of network namespaces.
 *
 *     machine i  10.99.i.2  --  10.99.i.1  outside  198.51.100.i
 *
 * Each machine has an address of its own that nobody else reaches, and reaches the others only at their
 * gateways' addresses outside, whose ports are passed on to it. The gateways are processes of ours
 * (forwarder.ts): no packet filter is needed, and nothing outside these namespaces is ever touched.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { atEnd } from "../support/cleanup.ts";
import { testEnvironment } from "../support/environment.ts";
import { repositoryRoot } from "../support/repository-files.ts";

const FORWARDER = join(repositoryRoot, "dist", "test", "process", "forwarder.js");
/** Where `ip netns exec` looks for files that replace those of /etc. */
const FILES = "/etc/netns";

/** Why there can be no such networks here; undefined: there can. */
export function whyNoNetworks(): string | undefined {
  if (process.getuid?.() !== 0) return "network namespaces need root";
  const name = `ringq-probe-${process.pid}`;
  const made = spawnSync("ip", ["netns", "add", name], { encoding: "utf8" });
  if (made.error !== undefined) return "there is no ip(8) here: apt-get install iproute2";
  if (made.status !== 0) return `no network namespaces: ${made.stderr.trim()}`;
  const probe = "link add name probe1 type veth peer name probe2".split(" ");
  const linked = spawnSync("ip", ["-n", name, ...probe], { encoding: "utf8" });
  spawnSync("ip", ["netns", "delete", name]);
  return linked.status === 0 ? undefined : `no virtual networks: ${linked.stderr.trim()}`;
}

/** The address of machine `i` for everybody else. */
export function outsideAddress(i: number): string {
  return `198.51.100.${i}`;
}

/** Some machines, and what is between them. Everything is gone when the test ends. */
export class NetworkSpaces {
  readonly #prefix = `ringq-test-${process.pid}`;
  readonly #gateways = new Map<number, ChildProcess>();
  readonly #inside = new Map<number, string>();

  /** Makes `count` machines, numbered from 1; `names` are host names and their addresses. */
  constructor(t: TestContext, count: number, names: Readonly<Record<string, string>>) {
    const machines = Array.from({ length: count }, (_, i) => i + 1);
    const spaces = [this.#outside, ...machines.map((i) => this.#space(i))];
    atEnd(t, () => {
      for (const gateway of this.#gateways.values()) gateway.kill("SIGKILL");
      for (const space of spaces) {
        spawnSync("ip", ["netns", "delete", space]);
        rmSync(join(FILES, space), { recursive: true, force: true });
      }
    });
    for (const space of spaces) {
      ip("netns", "add", space);
      ip("-n", space, "link", "set", "lo", "up");
      mkdirSync(join(FILES, space), { recursive: true });
      const lines = Object.entries(names).map(([name, address]) => `${address} ${name}\n`);
      writeFileSync(join(FILES, space, "hosts"), `127.0.0.1 localhost\n${lines.join("")}`);
    }
    for (const i of machines) this.#connect(i);
  }

  /** Runs a program on a machine. */
  run(i: number, command: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
    return this.#spawn(this.#space(i), command, env);
  }

  /** Gives machine `i` another address of its own, and its gateway ports that are passed on there. */
  move(i: number, host: string, ports: Readonly<Record<number, number>>): void {
    const before = this.#inside.get(i);
    if (before !== undefined)
      ip("-n", this.#space(i), "addr", "del", `${before}/24`, "dev", "uplink");
    ip("-n", this.#space(i), "addr", "add", `${host}/24`, "dev", "uplink");
    ip("-n", this.#space(i), "route", "replace", "default", "via", gatewayOf(i));
    this.#inside.set(i, host);
    this.#gateways.get(i)?.kill("SIGKILL");
    const passed = Object.entries(ports).flatMap(([from, to]) => [from, String(to)]);
    const command = [process.execPath, FORWARDER, outsideAddress(i), host, ...passed];
    this.#gateways.set(i, this.#spawn(this.#outside, command, {}));
  }

  get #outside(): string {
    return `${this.#prefix}-outside`;
  }

  #space(i: number): string {
    return `${this.#prefix}-${i}`;
  }

  #connect(i: number): void {
    const link = `m${i}`;
    const pair = ["type", "veth", "peer", "name", "uplink", "netns", this.#space(i)];
    ip("-n", this.#outside, "link", "add", "name", link, ...pair);
    ip("-n", this.#outside, "addr", "add", `${gatewayOf(i)}/24`, "dev", link);
    ip("-n", this.#outside, "addr", "add", `${outsideAddress(i)}/32`, "dev", "lo");
    ip("-n", this.#outside, "link", "set", link, "up");
    ip("-n", this.#space(i), "link", "set", "uplink", "up");
  }

  #spawn(space: string, command: readonly string[], env: Readonly<Record<string, string>>) {
    return spawn("ip", ["netns", "exec", space, ...command], {
      env: testEnvironment(env),
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
}

function gatewayOf(i: number): string {
  return `10.99.${i}.1`;
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr.trim()}`);
}
