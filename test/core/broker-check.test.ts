/** The check finds what it is there for: each kind of damage, done on purpose. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Broker } from "../../src/core/broker.ts";
import { checkBroker } from "../../src/core/broker-check.ts";
import { JobFlag, JobState } from "../../src/core/job.ts";
import type { Queue } from "../../src/core/queue.ts";
import { Story } from "./story.ts";

/** A node with jobs in every state: queued, delayed, leased, held, spent; and somebody who waits. */
function busyNode() {
  const story = new Story();
  const jobs = {
    queued: story.job(story.add("q")),
    second: story.job(story.add("q")),
    delayed: story.job(story.add("q", { delay: 60 })),
    leased: story.job(story.add("leased", { body: "body" })),
    spent: story.job(story.add("once", { retry: 0 })),
    held: story.job(story.add("held")),
  };
  story.getIds(["leased", "once", "held"], 3);
  story.node.pause("held", true, false);
  story.broker.lifecycle.enqueue(jobs.held, "nack");
  story.getIds("idle");
  story.getIds("idle too");
  story.ask(["lonely", "other"], 1, 1000);
  story.ask("lonely");
  checkBroker(story.broker);
  const queue = (name: string): Queue => story.node.entry(name);
  return { broker: story.broker, jobs, queue };
}

type Busy = ReturnType<typeof busyNode>;

const damages: [title: string, message: RegExp, damage: (busy: Busy) => void][] = [
  ["an id that leads nowhere", /found by its id/, ({ broker }) => broker.index.clear()],
  [
    "a job without a next moment",
    /has a next moment/,
    ({ broker, jobs }) => broker.agenda.remove(jobs.queued),
  ],
  [
    "a job in the bucket of another moment",
    /bucket of its moment/,
    ({ broker, jobs }) => broker.agenda.schedule(jobs.delayed, 5000),
  ],
  [
    "a queued job that is in no queue",
    /queued jobs stand in their queue/,
    ({ jobs, queue }) => queue("q").jobs.remove(jobs.queued),
  ],
  [
    "a job in the wrong state",
    /queued jobs stand in their queue/,
    ({ broker, jobs }) => broker.jobs.setState(jobs.queued, JobState.active),
  ],
  [
    "a tombstone with a body",
    /tombstone has no body/,
    ({ broker, jobs }) => broker.jobs.setState(jobs.delayed, JobState.acked),
  ],
  [
    "a copy that is queued",
    /copy is stored/,
    ({ broker, jobs }) => broker.jobs.setFlag(jobs.queued, JobFlag.isCopy, true),
  ],
  [
    "a job with two roles",
    /one role/,
    ({ broker, jobs }) => {
      broker.jobs.setFlag(jobs.leased, JobFlag.isCopy | JobFlag.isBorrowed, true);
    },
  ],
  [
    "a holder that is not in its own list",
    /its own list/,
    ({ broker, jobs }) => broker.roles.setList(jobs.queued, [3, 4]),
  ],
  [
    "a set of holders that no job has",
    /some job's/,
    ({ broker }) => void broker.holders.acquire([1, 2]),
  ],
  [
    "a held job that is in no list",
    /held jobs stand in their list/,
    ({ jobs, queue }) => queue("held").held.remove(jobs.held),
  ],
  [
    "a spent job that can not be evicted",
    /evictable jobs stand/,
    ({ broker }) => broker.evictable.clear(),
  ],
  [
    "a job marked as spent that is not",
    /at most once are evictable/,
    ({ broker, jobs }) => {
      broker.evictable.add(jobs.leased);
      broker.jobs.setFlag(jobs.leased, JobFlag.isEvictable, true);
    },
  ],
  [
    "a job nobody brings back",
    /comes back by itself/,
    ({ broker, jobs }) => broker.jobs.setDueAtMs(jobs.leased, Number.POSITIVE_INFINITY),
  ],
  [
    "a wrong number of jobs in a state",
    /number of jobs in each state/,
    ({ broker }) => {
      broker.stats.jobsByState[JobState.active] = 17;
    },
  ],
  ["a wrong number of held jobs", /number of held/, ({ broker }) => void broker.stats.jobsHeld++],
  ["a wrong number of known jobs", /how many jobs it has/, ({ queue }) => queue("q").knownJobs++],
  ["a wrong number of waiters", /how many wait/, ({ queue }) => void queue("lonely").waiterCount++],
  [
    "an empty queue that nobody sees",
    /nobody sees/,
    ({ broker }) => broker.queues.entry(Buffer.from("new"), 0, 3),
  ],
  [
    "a queue in use that nobody sees",
    /in use is registered/,
    ({ queue }) => {
      queue("q").isRegistered = false;
    },
  ],
  [
    "held jobs that nobody releases",
    /released when the pause is over/,
    ({ queue }) => {
      queue("held").isPausedIn = false;
    },
  ],
  [
    "an idle queue that is not listed",
    /may go is listed/,
    ({ broker, queue }) => broker.queues.noteBusy(queue("idle")),
  ],
  [
    "a queue in use that is listed as idle",
    /in use is not listed/,
    ({ broker, queue }) => broker.queues.noteIdle(queue("q"), 1e9),
  ],
  [
    "idle queues out of order",
    /longest idle/,
    ({ queue }) => {
      queue("idle").idleSinceMs += 5;
    },
  ],
  [
    "a broken line",
    /linked both ways/,
    ({ queue }) => {
      queue("lonely").lastSeat = queue("lonely").firstSeat;
    },
  ],
  [
    "a waiter that lost a seat",
    /once in each of its lines/,
    ({ broker }) => {
      for (const waiter of broker.waiting.sitting) waiter.seats.push(...waiter.seats);
    },
  ],
  [
    "a claim that no waiter holds",
    /claimed jobs/,
    ({ broker, jobs }) => {
      broker.jobs.setFlag(jobs.leased, JobFlag.isClaimed, true);
      broker.agenda.schedule(jobs.leased, broker.jobs.expiresAtMs(jobs.leased));
    },
  ],
  [
    "a body that nobody owns",
    /arena holds the bodies/,
    ({ broker }) => void broker.arena.store(Buffer.from("lost"), 0, 4),
  ],
];

for (const [title, message, damage] of damages) {
  test(`the check finds ${title}`, () => {
    const busy = busyNode();
    damage(busy);
    assert.throws(() => checkBroker(busy.broker), message);
  });
}

test("the check finds accounted memory that is wrong", () => {
  const { broker } = busyNode();
  const wrong: Broker = Object.create(broker, { usedBytes: { value: 5 } });
  for (const name of ["nextWakeAtMs"] as const) {
    Object.defineProperty(wrong, name, { value: broker[name] });
  }
  assert.throws(() => checkBroker(wrong), /accounted memory/);
});
