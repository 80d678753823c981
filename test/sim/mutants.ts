/**
 * Brokers that break one promise each: a checker that has never failed proves nothing.
 *
 * A mutant replaces one method of a healthy broker. The test lets only the named checker watch, so
 * that it must find the fault by itself and not behind the back of another.
 */
import type { Broker } from "../../src/core/broker.ts";
import type { Job } from "../../src/core/job.ts";
import type { Xorshift } from "../../src/util/xorshift.ts";
import type { SimNode } from "./node.ts";

/** One way to break a broker, and the checker whose promise is broken. */
export interface Mutant {
  readonly title: string;
  readonly checker: string;
  readonly sabotage: (broker: Broker, random: Xorshift, node: SimNode) => void;
}

/** Makes a property of an object read as something else. */
function redefine<T, K extends keyof T>(target: T, name: K, get: (original: () => T[K]) => T[K]) {
  const descriptor = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(target), name);
  const original = (): T[K] => descriptor?.get?.call(target);
  Object.defineProperty(target, name, { get: () => get(original) });
}

/** Does something after every tick. */
function afterTick(broker: Broker, act: () => void): void {
  const tick = broker.tick.bind(broker);
  broker.tick = () => {
    tick();
    act();
  };
}

/** Changes what producers ask for before the broker hears of it. */
function misheard(change: (asked: Parameters<Broker["addJob"]>[4]) => object) {
  return (broker: Broker) => {
    const addJob = broker.addJob.bind(broker);
    broker.addJob = (queue, source, start, end, asked) =>
      addJob(queue, source, start, end, { ...asked, ...change(asked) });
  };
}

function someJob(broker: Broker, random: Xorshift): Job | undefined {
  const { jobs } = broker;
  const job = random.below(Math.max(1, jobs.handleLimit));
  return jobs.isLive(job) ? job : undefined;
}

/** Every mutant. */
export const mutants: readonly Mutant[] = [
  {
    title: "loses a job now and then",
    checker: "kept",
    sabotage: (broker, random) =>
      afterTick(broker, () => {
        const job = random.chance(0.02) ? someJob(broker, random) : undefined;
        if (job !== undefined) broker.lifecycle.remove(job);
      }),
  },
  {
    title: "forgets to put leased jobs back when their time has come",
    checker: "kept",
    sabotage: ({ clock, lifecycle, agenda, jobs }) => {
      const wake = lifecycle.wake.bind(lifecycle);
      lifecycle.wake = (job) => {
        if (!clock.isExpired(job)) {
          jobs.setDueAtMs(job, Number.POSITIVE_INFINITY);
          agenda.schedule(job, jobs.expiresAtMs(job));
        } else wake(job);
      };
    },
  },
  {
    title: "does not forget what was acknowledged",
    checker: "genuine",
    sabotage: ({ clock, lifecycle }, random) => {
      const remove = lifecycle.remove.bind(lifecycle);
      lifecycle.remove = (job) => {
        if (clock.isExpired(job) || random.chance(0.8)) remove(job);
      };
    },
  },
  {
    title: "mixes up bodies",
    checker: "genuine",
    sabotage: ({ jobs }) => {
      jobs.copyBody = (_job, target, offset) => void target.fill("y", offset);
    },
  },
  {
    title: "lets jobs live longer than they may",
    checker: "fresh",
    sabotage: misheard(({ ttlSeconds }) => ({ ttlSeconds: ttlSeconds + 30 })),
  },
  {
    title: "delivers before DELAY is over",
    checker: "patient",
    sabotage: misheard(({ delaySeconds }) => ({ delaySeconds: Math.floor(delaySeconds / 2) })),
  },
  {
    title: "delivers again before RETRY is over",
    checker: "patient",
    sabotage: misheard(({ retrySeconds }) => ({ retrySeconds: Math.ceil(retrySeconds / 2) })),
  },
  {
    title: "takes back at-most-once jobs that may have been read",
    checker: "at most once",
    sabotage: ({ lifecycle }) => {
      const takeBack = lifecycle.takeBack.bind(lifecycle);
      lifecycle.takeBack = (job) => takeBack(job, false);
    },
  },
  {
    title: "gives the newest job first",
    checker: "ordered",
    sabotage: ({ queues }) => {
      const entry = queues.entry.bind(queues);
      queues.entry = (buffer, start, end) => {
        const { jobs } = entry(buffer, start, end);
        jobs.shift = () => {
          const newest = jobs.last();
          jobs.remove(newest);
          return newest;
        };
        return entry(buffer, start, end);
      };
    },
  },
  {
    title: "gives jobs from queues paused in output",
    checker: "closed",
    sabotage: ({ lifecycle, serving }) => {
      serving.take = (queues, jobsMax, taken) => {
        for (const queue of queues) {
          if (taken.length < jobsMax && queue.length > 0) taken.push(lifecycle.take(queue));
        }
      };
    },
  },
  {
    title: "sends waiters away too early",
    checker: "punctual",
    sabotage: ({ waiting }) => {
      const takeOverdue = waiting.takeOverdue.bind(waiting);
      waiting.takeOverdue = (nowMs) => takeOverdue(nowMs + 2);
    },
  },
  {
    title: "sends waiters away too late",
    checker: "punctual",
    sabotage: ({ waiting }) => {
      const takeOverdue = waiting.takeOverdue.bind(waiting);
      waiting.takeOverdue = (nowMs) => takeOverdue(nowMs - 2);
    },
  },
  {
    title: "lets clients wait although there are jobs",
    checker: "served",
    sabotage: ({ serving }) => {
      serving.serve = () => {};
    },
  },
  {
    title: "serves the newest waiter first",
    checker: "fair",
    sabotage: ({ waiting }) => {
      const claim = waiting.claim.bind(waiting);
      waiting.claim = (queue, job) => {
        const first = queue.firstSeat;
        queue.firstSeat = queue.lastSeat;
        claim(queue, job);
        if (queue.waiterCount > 0) queue.firstSeat = first;
      };
    },
  },
  {
    title: "forgets queues too early",
    checker: "remembered",
    sabotage: ({ memory }) => redefine(memory, "idleQueueMs", () => 1000),
  },
  {
    title: "never forgets queues",
    checker: "remembered",
    sabotage: ({ memory }) => redefine(memory, "idleQueueMs", () => Number.POSITIVE_INFINITY),
  },
  {
    title: "never comes to rest",
    checker: "quiet",
    sabotage: (broker) =>
      redefine(broker, "nextWakeAtMs", (original) => Math.min(original(), 2 ** 40)),
  },
  {
    title: "keeps memory that nobody uses",
    checker: "quiet",
    sabotage: (broker) => {
      let leakedBytes = 0;
      afterTick(broker, () => {
        leakedBytes += 10_000;
      });
      redefine(broker, "usedBytes", (original) => original() + leakedBytes);
    },
  },
  {
    title: "counts a queue's jobs wrongly",
    checker: "check",
    sabotage: (broker, random) =>
      afterTick(broker, () => {
        const queue = random.chance(0.02) ? broker.queues.at(0) : undefined;
        if (queue !== undefined) queue.knownJobs++;
      }),
  },
  {
    title: "accounts for memory wrongly",
    checker: "check",
    sabotage: (broker) => redefine(broker, "usedBytes", (original) => original() + 1),
  },
  {
    title: "does not count NACKs",
    checker: "model",
    sabotage: ({ jobs }) => {
      jobs.addNack = () => {};
    },
  },
  {
    title: "counts an acknowledgement twice now and then",
    checker: "model",
    sabotage: (broker, random) =>
      afterTick(broker, () => {
        if (random.chance(0.05)) broker.stats.jobsAcked++;
      }),
  },
  {
    title: "sleeps a little too long",
    checker: "model",
    sabotage: (broker) => redefine(broker, "nextWakeAtMs", (original) => original() + 7),
  },
  {
    title: "wakes up for nothing, again and again",
    checker: "model",
    sabotage: (broker, _random, { host }) =>
      redefine(broker, "nextWakeAtMs", (original) =>
        original() === Number.POSITIVE_INFINITY
          ? original()
          : Math.min(original(), host.nowMs + 50),
      ),
  },
];
