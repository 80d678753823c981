/**
 * Several real server processes that form one cluster, and what tests of it do all the time with jobs:
 * add some, take all, count the copies, wait until nothing is left.
 *
 * Everything ends with the test. The processes themselves are cluster-nodes.ts's.
 */
import assert from "node:assert/strict";
import { atEnd, type Scope } from "./cleanup.ts";
import { ClusterLinks } from "./cluster-links.ts";
import { ClusterNodes, PATIENCE_MS, soon } from "./cluster-nodes.ts";
import { type Directives, startNode, type TestNode } from "./node.ts";
import type { Plain } from "./reply.ts";
import { shared } from "./shared.ts";

/** How a cluster is made. */
export interface ClusterOptions {
  /** For all nodes; `cluster-node-timeout` is 1000 unless given. */
  readonly directives?: Directives;
  /** Put every node behind a proxy, for `links`. */
  readonly isProxied?: boolean;
}

/** A job as a consumer gets it. */
export interface Delivery {
  readonly id: string;
  readonly body: string;
  readonly nacks: number;
  readonly additionalDeliveries: number;
}

/** Running nodes that know one another. */
export class TestCluster extends ClusterNodes {
  /** Adds a job with a timeout of 10 s and returns its id. Options as in ADDJOB. */
  async add(
    node: number,
    queue: string,
    body: string,
    ...options: (string | number)[]
  ): Promise<string> {
    const reply = await this.call(node, "ADDJOB", queue, body, 10_000, ...options);
    assert.match(String(reply), /^D-/, "ADDJOB answers an id");
    return String(reply);
  }

  /** Adds many jobs with bodies "0", "1", ... in one go and returns their ids in that order. */
  async addMany(
    node: number,
    queue: string,
    count: number,
    ...options: (string | number)[]
  ): Promise<string[]> {
    const bodies = Array.from({ length: count }, (_, body) => `${body}`);
    return Promise.all(bodies.map((body) => this.add(node, queue, body, ...options)));
  }

  /** What one GETJOB on a connection of its own brings within the time; 0 does not wait. */
  async take(node: number, queue: string, timeoutMs: number, count = 1): Promise<Delivery[]> {
    const wait = timeoutMs > 0 ? ["TIMEOUT", timeoutMs] : ["NOHANG"];
    const command = ["GETJOB", ...wait, "COUNT", count, "WITHCOUNTERS", "FROM", queue];
    return deliveries(await this.ask(node, ...command));
  }

  /**
   * Takes jobs on these nodes in turn until so many different ones have come, acknowledging them where
   * they were taken if told. Returns how often each came.
   */
  async takeAll(
    nodes: readonly number[],
    queue: string,
    count: number,
    { isAcknowledging = true } = {},
  ): Promise<Map<string, number>> {
    const times = new Map<string, number>();
    const endsAt = performance.now() + PATIENCE_MS;
    for (let turn = 0; times.size < count && performance.now() < endsAt; turn++) {
      const node = nodes[turn % nodes.length] ?? 0;
      const taken = await this.take(node, queue, 200, 50);
      for (const { id } of taken) times.set(id, (times.get(id) ?? 0) + 1);
      const ids = taken.map(({ id }) => id);
      if (isAcknowledging && ids.length > 0) await this.call(node, "ACKJOB", ...ids);
    }
    assert.equal(times.size, count, `all jobs of ${queue} are delivered`);
    return times;
  }

  /** SHOW as pairs; undefined for a job the node does not know. */
  async show(node: number, id: string): Promise<Map<string, Plain> | undefined> {
    const reply = await this.call(node, "SHOW", id);
    if (!Array.isArray(reply)) return undefined;
    const pairs = new Map<string, Plain>();
    for (let i = 0; i + 1 < reply.length; i += 2) pairs.set(String(reply[i]), reply[i + 1] ?? null);
    return pairs;
  }

  /** Nodes that have a copy of the job which is not acknowledged; borrowers are none. */
  async holders(id: string): Promise<number[]> {
    const isHolder = async (node: number): Promise<boolean> => {
      const job = await this.show(node, id);
      const list = job?.get("nodes-delivered");
      return (
        job !== undefined &&
        job.get("state") !== "acked" &&
        Array.isArray(list) &&
        list.includes(this.id(node))
      );
    };
    const { present } = this;
    const answers = await Promise.all(present.map(isHolder));
    return present.filter((_, index) => answers[index]);
  }

  /** Waits until every one of these jobs has exactly so many copies. */
  async haveCopies(ids: readonly string[], copies: number): Promise<void> {
    for (const id of ids) {
      await soon(`job ${id} has ${copies} copies`, async () => {
        const holders = await this.holders(id);
        if (holders.length === copies) return true;
        throw new Error(`it has copies on ${holders}; ${await this.#whereabouts(id)}`);
      });
    }
  }

  /** What each node thinks of a job: "2 queued [2 4 3], 3 active [2 4 3]". */
  async #whereabouts(id: string): Promise<string> {
    const facts = this.present.map(async (node) => {
      const job = await this.show(node, id);
      const list = job?.get("nodes-delivered");
      const holders = Array.isArray(list) ? list.map((other) => this.numberOf(String(other))) : [];
      return job === undefined ? "" : `${node} ${job.get("state")} [${holders.join(" ")}]`;
    });
    return (await Promise.all(facts)).filter((fact) => fact !== "").join(", ");
  }

  /** A figure of INFO. */
  async figure(node: number, name: string): Promise<number> {
    const info = String(await this.call(node, "INFO", "everything"));
    const value = new RegExp(`^${name}:(.*)\\r?$`, "m").exec(info)?.[1];
    assert.ok(value !== undefined, `INFO has ${name}`);
    return Number(value);
  }

  /** Waits until every job that is not acknowledged has at least so many copies. */
  async areAllCopied(copies: number): Promise<void> {
    const scan = ["JSCAN", 0, "COUNT", 100_000, "STATE", "queued", "STATE", "active"];
    await soon(`all jobs have ${copies} copies`, async () => {
      const pages = await Promise.all(this.present.map((node) => this.call(node, ...scan)));
      const ids = new Set(pages.flatMap((page) => (Array.isArray(page) ? (page[1] ?? []) : [])));
      for (const id of ids) {
        const { length } = await this.holders(String(id));
        // None: it was acknowledged meanwhile.
        if (length > 0 && length < copies) throw new Error(`${id} has ${length}`);
      }
      return true;
    });
  }

  /** Jobs of any kind and state on a node, acknowledged ones included. */
  jobsOn(node: number): Promise<number> {
    return this.figure(node, "registered_jobs");
  }

  /** Waits until no node that is present knows of any job. */
  async isEmpty(): Promise<void> {
    for (const node of this.present) {
      await soon(`node ${node} has no job left`, async () => {
        const jobs = await this.jobsOn(node);
        if (jobs > 0) throw new Error(`${jobs} jobs: ${await this.call(node, "JSCAN", 0)}`);
        return true;
      });
    }
  }

  /** Makes all nodes forget all jobs. */
  async forgetJobs(): Promise<void> {
    await soon("all jobs are forgotten", async () => {
      await Promise.all(this.present.map((node) => this.call(node, "DEBUG", "FLUSHALL")));
      const left = await Promise.all(this.present.map((node) => this.jobsOn(node)));
      return left.every((jobs) => jobs === 0);
    });
  }

  /** Fails when one of these nodes delivers a job of the queue within that time. */
  async deliverNothing(nodes: readonly number[], queue: string, withinMs: number): Promise<void> {
    const taken = await Promise.all(nodes.map((node) => this.take(node, queue, withinMs)));
    assert.deepEqual(taken.flat(), [], `nothing more of ${queue} is delivered`);
  }
}

/** Starts nodes, introduces each to the next, and waits until everybody knows everybody. */
export async function startCluster(
  t: Scope,
  count: number,
  { directives = {}, isProxied = false }: ClusterOptions = {},
): Promise<TestCluster> {
  const links = new ClusterLinks();
  atEnd(t, () => links.stop());
  const busPorts: number[] = [];
  if (isProxied) for (let i = 0; i < count; i++) busPorts.push((await links.add()).port);
  const start = (announced: number | undefined): Promise<TestNode> =>
    startNode(t, {
      "cluster-node-timeout": "1000",
      ...directives,
      ...(announced === undefined ? {} : { "announce-cluster-port": `${announced}` }),
    });
  const nodes = await Promise.all(Array.from({ length: count }, (_, i) => start(busPorts[i])));
  const cluster = new TestCluster(nodes, links);
  for (const [i, node] of nodes.entries()) {
    const id = await cluster.learnId(i);
    if (isProxied) links.join(i, id, node.ports.busPort);
  }
  for (let i = 1; i < count; i++) {
    await cluster.meet(i - 1, i, busPorts[i] ?? cluster.node(i).ports.busPort);
  }
  await cluster.isWhole();
  return cluster;
}

/** For the tests of a file that leave all nodes as they are: the same cluster, for each without any job. */
export function sharedCluster(count: number, options: ClusterOptions = {}) {
  const get = shared((scope) => startCluster(scope, count, options));
  return async (): Promise<TestCluster> => {
    const cluster = await get();
    await cluster.forgetJobs();
    return cluster;
  };
}

/** What a reply of GETJOB WITHCOUNTERS holds. */
function deliveries(reply: Plain): Delivery[] {
  if (reply === null) return [];
  assert.ok(Array.isArray(reply), `GETJOB answers jobs, not ${JSON.stringify(reply)}`);
  return reply.map((job) => {
    assert.ok(Array.isArray(job));
    const [, id, body, , nacks, , additionalDeliveries] = job;
    return {
      id: String(id),
      body: String(body),
      nacks: Number(nacks),
      additionalDeliveries: Number(additionalDeliveries),
    };
  });
}
