/**
 * The processes of a test cluster: asked, killed, frozen, started again, and what they see of one another.
 *
 * Nodes are named by their place (0, 1, ...) and stay who they are over a restart. Nothing here knows
 * the server's code; replies are compared without their types. What is done with jobs is cluster.ts's.
 */
import assert from "node:assert/strict";
import type { ClusterLinks } from "./cluster-links.ts";
import { eventually } from "./eventually.ts";
import type { Directives, TestNode } from "./node.ts";
import { type Plain, plain } from "./reply.ts";
import type { RespClient } from "./resp-client.ts";

/** Long enough for everything on a busy machine. */
export const PATIENCE_MS = 25_000;

const REPLY_MS = 20_000;

/** Processes that form a cluster. */
export class ClusterNodes {
  readonly links: ClusterLinks;
  readonly #nodes: TestNode[];
  readonly #ids: string[] = [];
  readonly #clients: (Promise<RespClient> | undefined)[] = [];
  /** Killed, stopped or removed on purpose. */
  readonly #away = new Set<number>();

  /** Nodes in the order of their places; see `startCluster`. */
  constructor(nodes: TestNode[], links: ClusterLinks) {
    this.#nodes = nodes;
    this.links = links;
  }

  /** One node's process. */
  node(node: number): TestNode {
    const found = this.#nodes[node];
    assert.ok(found, `there is a node ${node}`);
    return found;
  }

  /** One node's id. */
  id(node: number): string {
    return this.#ids[node] ?? "";
  }

  /** The place of the node with that id, or -1. */
  numberOf(id: string): number {
    return this.#ids.indexOf(id);
  }

  /** The nodes that are not away. */
  get present(): number[] {
    return this.#nodes.map((_, node) => node).filter((node) => !this.#away.has(node));
  }

  /** Asks a node, all questions over one connection; an error comes as its text with a leading "-". */
  async call(node: number, ...command: (string | Buffer | number)[]): Promise<Plain> {
    const opening = this.#clients[node] ?? this.node(node).client();
    this.#clients[node] = opening;
    const client = await opening;
    client.send(command.map(argument));
    return plain(await client.read(REPLY_MS));
  }

  /** Asks a node over a connection of its own: for what may wait, or is cut off. */
  async ask(node: number, ...command: (string | Buffer | number)[]): Promise<Plain> {
    const client = await this.node(node).client();
    try {
      client.send(command.map(argument));
      return plain(await client.read(REPLY_MS));
    } finally {
      client.close();
    }
  }

  /** Waits until every present node is connected with every other one and sees nobody else. */
  async isWhole(nodes: readonly number[] = this.present): Promise<void> {
    for (const node of nodes) {
      const others = nodes.filter((other) => other !== node).map((other) => this.id(other));
      const wanted = others.sort().map((id) => `${id} noflags connected`);
      await soon(`node ${node} is connected with all others`, async () => {
        assert.deepEqual(await this.membersOf(node), wanted);
        return true;
      });
    }
  }

  /** Id, flags and link state of the other nodes a node knows, in the order of the ids. */
  async membersOf(node: number): Promise<string[]> {
    const lines = String(await this.call(node, "CLUSTER", "NODES"))
      .trim()
      .split("\n");
    const columns = lines.map((line) => line.split(" "));
    return columns
      .filter(([, , flags]) => !flags?.includes("myself"))
      .map(([id, , flags, , , state]) => `${id} ${flags} ${state}`)
      .sort();
  }

  /** Waits until a node no longer counts those nodes as alive. */
  async suspects(node: number, lost: readonly number[]): Promise<void> {
    await soon(`node ${node} notices that ${lost} are away`, async () => {
      const members = await this.membersOf(node);
      return lost.every((other) =>
        members.some((line) => line.startsWith(`${this.id(other)} fail`)),
      );
    });
  }

  /** Kills nodes without a chance to say anything. */
  async kill9(...nodes: number[]): Promise<void> {
    for (const node of nodes) this.leaves(node);
    await Promise.all(nodes.map((node) => this.node(node).kill9()));
  }

  /** Asks a node to stop, and waits until it has ended as it should. */
  async stop(node: number): Promise<void> {
    this.leaves(node);
    assert.equal(await this.node(node).stop("SIGTERM"), 0, this.node(node).log());
  }

  /** A node that is no part of the cluster any more, or not for a while. */
  leaves(node: number): void {
    this.#away.add(node);
    this.#clients[node] = undefined;
  }

  /** Starts a node again that has ended: same place, id and folder, but nothing in its memory. */
  async restart(node: number, changed: Directives = {}): Promise<void> {
    this.#nodes[node] = await this.node(node).restart(changed);
    this.#away.delete(node);
    await this.learnId(node);
  }

  /** A node stands still; its connections stay open and nothing arrives. */
  freeze(...nodes: number[]): void {
    for (const node of nodes) {
      this.#away.add(node);
      process.kill(this.node(node).pid, "SIGSTOP");
    }
  }

  /** It goes on, and finds everything that has arrived meanwhile. */
  thaw(...nodes: number[]): void {
    for (const node of nodes) {
      process.kill(this.node(node).pid, "SIGCONT");
      this.#away.delete(node);
    }
  }

  /** Introduces two nodes. */
  async meet(node: number, other: number, busPort: number): Promise<void> {
    const { port } = this.node(other);
    assert.equal(await this.call(node, "CLUSTER", "MEET", "127.0.0.1", port, busPort), "OK");
  }

  /** Asks a node who it is. */
  async learnId(node: number): Promise<string> {
    const id = String(await this.call(node, "CLUSTER", "MYID"));
    this.#ids[node] = id;
    return id;
  }
}

/** Waits until it is so, as long as it takes on a busy machine. */
export function soon<T>(what: string, condition: () => T | Promise<T>): Promise<T> {
  return eventually(condition, { what, deadlineMs: PATIENCE_MS });
}

function argument(value: string | Buffer | number): string | Buffer {
  return typeof value === "number" ? `${value}` : value;
}
