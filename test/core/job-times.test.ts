/** What is measured of every job: how long it waited to be handed out first, and how long its worker took. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogHistogram } from "../../src/util/log-histogram.ts";
import { Story } from "./story.ts";

function summary({ count, sum }: LogHistogram): [count: number, sum: number] {
  return [count, sum];
}

test("the first hand-out counts from the creation, or from the end of the delay", () => {
  const story = new Story();
  const { stats } = story.broker;
  story.add("q");
  story.pass(1500);
  const [job] = story.get("q");
  assert.deepEqual(summary(stats.firstDeliveryMs), [1, 1500]);
  story.node.apply("nack", job?.id ?? "");
  story.pass(700);
  story.get("q");
  assert.deepEqual(summary(stats.firstDeliveryMs), [1, 1500], "only the first hand-out");
  story.add("later", { delay: 10, ttl: 100 });
  story.pass(10_250);
  story.get("later");
  assert.deepEqual(summary(stats.firstDeliveryMs), [2, 1750]);
});

test("an acknowledgement counts from the hand-out, or from the last WORKING", () => {
  const story = new Story();
  const { stats } = story.broker;
  const id = story.add("q", { retry: 60 });
  story.get("q");
  story.pass(2000);
  story.node.apply("ack", id);
  assert.deepEqual(summary(stats.acknowledgementMs), [1, 2000]);
  const other = story.add("q", { retry: 60 });
  story.get("q");
  story.pass(20_000);
  story.node.apply("working", other);
  story.pass(300);
  story.node.apply("ack", other);
  assert.deepEqual(summary(stats.acknowledgementMs), [2, 2300]);
});

test("nothing is measured of jobs that nobody has, or that have no lease", () => {
  const story = new Story();
  const { stats } = story.broker;
  const waiting = story.add("q", { retry: 1 });
  story.node.apply("ack", waiting);
  const late = story.add("q", { retry: 1 });
  story.get("q");
  story.pass(5000);
  assert.equal(story.show(late).state, "queued");
  story.node.apply("ack", late);
  const once = story.add("q", { retry: 0 });
  story.get("q");
  story.node.apply("ack", once);
  assert.equal(stats.jobsAcked, 3);
  assert.equal(stats.acknowledgementMs.count, 0);
});
