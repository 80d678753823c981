/**
 * What the broker's core costs per job, in nanoseconds, with few and with many jobs resident.
 *
 * No sockets and no commands: the same calls that ADDJOB, GETJOB and ACKJOB make, on a broker whose
 * clock stands still or is moved by hand. Figures are CPU time, so a busy machine disturbs them less;
 * only the lengths of turns are real time. `node dist/bench/micro/core.js [jobs ...]`, by default ten
 * thousand and a million; five million need about 2 GB.
 */
import { Broker } from "../../src/core/broker.ts";
import type { Host } from "../../src/core/host.ts";
import type { Job } from "../../src/core/job.ts";
import { JOB_ID_WORDS } from "../../src/core/job-id.ts";
import type { NewJob } from "../../src/core/job-maker.ts";
import type { Queue } from "../../src/core/queue.ts";
import { Xorshift } from "../../src/util/xorshift.ts";

const BODY = Buffer.alloc(100, "x");
const QUEUE = Buffer.from("q");
/** Operations per measured round, and rounds of which the median counts. */
const ROUND_JOBS = 20_000;
const ROUNDS = 9;
const TIMES: NewJob = { replicate: 1, delaySeconds: 0, retrySeconds: 300, ttlSeconds: 86_400 };

const random = new Xorshift(1);
const host = { nowMs: 1000, wallMs: 1_700_000_000_000, randomWord: () => random.word() };
const id = new Int32Array(JOB_ID_WORDS);
const target = Buffer.alloc(200);

function newBroker(world: Host): { broker: Broker; queue: Queue } {
  const nodeId = "dcb833cf8f42fbb7924655aaff7d3072d6cf253e";
  const broker = new Broker(world, { nodeId, maxMemoryBytes: 0 });
  return { broker, queue: broker.queues.entry(QUEUE, 0, QUEUE.length) };
}

function add(broker: Broker, queue: Queue, times = TIMES): Job {
  return broker.addJob(queue, BODY, 0, BODY.length, times);
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Prints the median time per operation; `prepare` runs before each round and is not measured. */
function measure(name: string, prepare: () => void, run: () => number): void {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    prepare();
    const start = cpuMicros();
    const operations = run();
    rounds.push(((cpuMicros() - start) * 1000) / operations);
  }
  rounds.sort((a, b) => a - b);
  const median = rounds[ROUNDS >> 1] ?? 0;
  console.log(`  ${name.padEnd(50)} ${median.toFixed(0).padStart(7)} ns`);
}

/** The steps of a job's life one after the other, with `resident` jobs queued all the time. */
function benchLife(resident: number): void {
  const { broker, queue } = newBroker(host);
  const start = cpuMicros();
  for (let i = 0; i < resident; i++) {
    if (i % 1000 === 0) host.wallMs++;
    add(broker, queue);
  }
  const fillNs = ((cpuMicros() - start) * 1000) / resident;
  console.log(`  ${"fill".padEnd(50)} ${fillNs.toFixed(0).padStart(7)} ns`);
  let added: Job[] = [];
  let taken: Job[] = [];
  const nothing = () => {};
  const addSome = (): number => {
    added = [];
    for (let i = 0; i < ROUND_JOBS; i++) added.push(add(broker, queue));
    return ROUND_JOBS;
  };
  const takeSome = (): number => {
    taken = [];
    for (let i = 0; i < ROUND_JOBS; i++) broker.serving.take([queue], taken.length + 1, taken);
    return ROUND_JOBS;
  };
  const ackSome = (): number => {
    for (const job of taken) broker.lifecycle.remove(job);
    return taken.length;
  };
  measure("addJob (queued)", nothing, addSome);
  for (const job of added) broker.lifecycle.remove(job);
  measure("take (leased) after addJob", addSome, takeSome);
  const addAndTakeSome = () => {
    addSome();
    takeSome();
  };
  measure("remove a leased job", addAndTakeSome, ackSome);
  benchParts(broker, queue);
  broker.flush();
}

/** Single steps within a life. */
function benchParts(broker: Broker, queue: Queue): void {
  const { jobs, index, lifecycle } = broker;
  const some: Job[] = [];
  const limit = jobs.handleLimit;
  const prepare = () => {
    some.length = 0;
    while (some.length < ROUND_JOBS) {
      const job = random.below(limit);
      if (jobs.isLive(job)) some.push(job);
    }
  };
  measure("find by id (random jobs)", prepare, () => {
    for (const job of some) {
      for (let word = 0; word < JOB_ID_WORDS; word++) id[word] = jobs.idWord(job, word);
      index.find(id);
    }
    return some.length;
  });
  measure("schedule in the agenda (random jobs)", prepare, () => {
    for (const job of some) broker.agenda.schedule(job, jobs.expiresAtMs(job));
    return some.length;
  });
  measure("copy body of 100 bytes (random jobs)", prepare, () => {
    for (const job of some) jobs.copyBody(job, target, 0);
    return some.length;
  });
  measure(
    "take, then NACK the same jobs",
    () => {},
    () => {
      const taken: Job[] = [];
      broker.serving.take([queue], ROUND_JOBS, taken);
      for (const job of taken) lifecycle.enqueue(job, "nack");
      return ROUND_JOBS;
    },
  );
  measure("dequeue and enqueue (random jobs)", prepare, () => {
    for (const job of some) {
      if (!broker.lifecycle.mayEnqueue(job)) lifecycle.dequeue(job);
      lifecycle.enqueue(job, "client");
    }
    return some.length;
  });
}

/** A queue that is empty but for one job at a time, and one job for a waiting client. */
function benchPingPong(): void {
  const { broker, queue } = newBroker(host);
  const queues = [queue];
  const taken: Job[] = [];
  measure(
    "addJob, take, remove on an empty queue",
    () => {},
    () => {
      for (let i = 0; i < ROUND_JOBS; i++) {
        add(broker, queue);
        taken.length = 0;
        broker.serving.take(queues, 1, taken);
        for (const job of taken) broker.lifecycle.remove(job);
      }
      return ROUND_JOBS;
    },
  );
  const receiver = {
    jobsArrived: (jobs: readonly Job[]) => {
      for (const job of jobs) taken.push(job);
    },
    waitEnded: () => {},
  };
  measure(
    "wait, addJob, tick, remove",
    () => {},
    () => {
      for (let i = 0; i < ROUND_JOBS; i++) {
        taken.length = 0;
        broker.serving.wait(queues, 1, Number.POSITIVE_INFINITY, receiver);
        add(broker, queue);
        broker.tick();
        for (const job of taken) broker.lifecycle.remove(job);
      }
      return ROUND_JOBS;
    },
  );
}

/** All jobs due in the same millisecond: how long a turn takes, and all of them together. */
function benchDue(count: number): void {
  const { broker, queue } = newBroker(host);
  const times = { ...TIMES, delaySeconds: 60 };
  for (let i = 0; i < count; i++) add(broker, queue, times);
  host.nowMs += 60_000;
  const turns: number[] = [];
  const startMs = performance.now();
  while (broker.nextWakeAtMs <= host.nowMs) {
    const turnStartMs = performance.now();
    broker.tick();
    turns.push(performance.now() - turnStartMs);
  }
  const totalMs = performance.now() - startMs;
  turns.sort((a, b) => a - b);
  const p99 = turns[Math.floor(turns.length * 0.99)] ?? 0;
  const perJob = ((totalMs * 1e6) / count).toFixed(0);
  const longest = (turns.at(-1) ?? 0).toFixed(1);
  console.log(
    `  due in one millisecond: ${totalMs.toFixed(0)} ms in ${turns.length} turns, ` +
      `p99 ${p99.toFixed(2)} ms, longest ${longest} ms, ${perJob} ns a job`,
  );
  broker.flush();
}

const sizes = process.argv.slice(2).map(Number);
benchPingPong();
for (const size of sizes.length > 0 ? sizes : [10_000, 1_000_000]) {
  console.log(`${size} jobs resident`);
  benchLife(size);
  benchDue(size);
}
