/**
 * Connections to all nodes of a cluster, found from one of them.
 *
 * For tools that look at the whole or tell everybody something. A node that cannot be reached is part
 * of the picture, with the reason.
 */
import { type ClusterNode, isMember, readClusterNodes } from "./cluster-nodes.ts";
import { Connection } from "./connection.ts";
import { ConnectionError, ServerError, SilenceError } from "./connection-error.ts";
import { elsewhere, type Target } from "./target.ts";

/** After a failed attempt, or silence, a node is left alone for so long. */
const RETRY_MS = 5000;

/** A node that does not answer. */
interface Failure {
  problem: string;
  /** When that was found. */
  atMs: number;
  isTried: boolean;
  /** It answers again; the next look uses this. */
  connection: Connection | undefined;
}

/** A node, and the connection to it or why there is none. */
export interface ClusterMember {
  readonly node: ClusterNode;
  readonly connection: Connection | undefined;
  readonly problem: string;
}

/** The nodes of a cluster. */
export class Cluster {
  readonly #target: Target;
  #members: ClusterMember[] = [];
  #isClosed = false;
  /** By node id. A node that swallows packets must not hold up every look at the others. */
  readonly #failures = new Map<string, Failure>();

  private constructor(target: Target) {
    this.#target = target;
  }

  /** Connects to the target and to all nodes it knows. Rejects when the target itself fails. */
  static async open(target: Target): Promise<Cluster> {
    const cluster = new Cluster(target);
    await cluster.#lookAnew();
    return cluster;
  }

  /** All members, the node that was asked first. */
  get members(): readonly ClusterMember[] {
    return this.#members;
  }

  /** Connections that are open, one a node. */
  get connections(): Connection[] {
    return this.#members.flatMap(({ connection }) => (connection?.isOpen ? [connection] : []));
  }

  /** Looks again who is there, and connects where that is missing. Rejects when nobody answers. */
  async refresh(): Promise<void> {
    let problem: unknown;
    for (const connection of this.connections) {
      try {
        return await this.#look(connection);
      } catch (error) {
        problem = error;
      }
    }
    try {
      await this.#lookAnew();
    } catch (error) {
      throw problem ?? error;
    }
  }

  /** Closes all connections, and those that a look under way opens. */
  close(): void {
    this.#isClosed = true;
    for (const { connection } of this.#members) connection?.close();
    for (const { connection } of this.#failures.values()) connection?.close();
    this.#members = [];
  }

  async #lookAnew(): Promise<void> {
    const seed = await Connection.open(this.#target);
    try {
      await this.#look(seed);
    } catch (error) {
      seed.close();
      throw error;
    }
  }

  async #look(seed: Connection): Promise<void> {
    const nodes = (await readClusterNodes(seed)).filter(isMember);
    const before = new Map(this.#members.map((member) => [member.node.id, member.connection]));
    const members = await Promise.all(
      nodes.map((node) => this.#reach(node, node.isMyself ? seed : before.get(node.id))),
    );
    const kept = new Set(members.map(({ connection }) => connection));
    for (const connection of before.values()) if (!kept.has(connection)) connection?.close();
    this.#members = members;
    if (this.#isClosed) this.close();
  }

  async #reach(node: ClusterNode, known: Connection | undefined): Promise<ClusterMember> {
    if (known?.isOpen) return { node, connection: known, problem: "" };
    if (node.host === "") return { node, connection: undefined, problem: "its address is unknown" };
    if (known?.end instanceof SilenceError) this.#fail(node, known.end.message);
    const failure = this.#failures.get(node.id);
    if (failure !== undefined) return this.#reachAgain(node, failure);
    try {
      return { node, connection: await this.#connect(node), problem: "" };
    } catch (error) {
      const { message } = expected(error);
      this.#fail(node, message);
      return { node, connection: undefined, problem: message };
    }
  }

  #reachAgain(node: ClusterNode, failure: Failure): ClusterMember {
    const { connection, problem, atMs, isTried } = failure;
    if (connection?.isOpen && !isTried) {
      this.#failures.delete(node.id);
      return { node, connection, problem: "" };
    }
    if (!isTried && performance.now() - atMs >= RETRY_MS) void this.#retry(node, failure);
    return { node, connection: undefined, problem };
  }

  /** Tries in the background: a stopped process accepts connections too, and answers none. */
  async #retry(node: ClusterNode, failure: Failure): Promise<void> {
    failure.isTried = true;
    try {
      failure.connection = await this.#connect(node);
      if (this.#isClosed) failure.connection.close();
      await failure.connection.call("PING");
    } catch (error) {
      failure.problem = expected(error).message;
    }
    failure.isTried = false;
    failure.atMs = performance.now();
  }

  #connect({ host, port }: ClusterNode): Promise<Connection> {
    return Connection.open(elsewhere(this.#target, host, port));
  }

  #fail({ id }: ClusterNode, problem: string): void {
    const failure = { problem, atMs: performance.now(), isTried: false, connection: undefined };
    this.#failures.set(id, failure);
  }
}

/** What may go wrong with a node; anything else is thrown on. */
function expected(error: unknown): ConnectionError | ServerError {
  if (error instanceof ConnectionError || error instanceof ServerError) return error;
  throw error;
}
