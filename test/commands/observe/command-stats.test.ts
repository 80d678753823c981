/**
 * Command statistics: what is counted, and the line that INFO shows of it.
 * The exact form of the line matters: clients match it with a regular expression.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandStats } from "../../../src/commands/observe/command-stats.ts";

test("a command's line shows its calls, its time and the average", () => {
  const stats = new CommandStats(["auth", "ping"]);
  const ping = stats.counter("ping");
  ping?.ran(false);
  ping?.ran(false);
  ping?.ran(true);
  if (ping) ping.micros += 10;
  assert.deepEqual(stats.lines(), ["cmdstat_ping:calls=3,usec=10,usec_per_call=3.33"]);
  assert.equal(ping?.failed, 1);
});

test("commands are listed in the order of the table, and only those that ran", () => {
  const stats = new CommandStats(["auth", "ping", "info"]);
  for (const name of ["info", "auth"]) {
    const counter = stats.counter(name);
    counter?.ran(false);
    if (counter) counter.micros = name === "info" ? 1 : 0.6;
  }
  const ping = stats.counter("ping");
  if (ping) ping.rejected++;
  assert.deepEqual(stats.lines(), [
    "cmdstat_auth:calls=1,usec=1,usec_per_call=0.60",
    "cmdstat_info:calls=1,usec=1,usec_per_call=1.00",
  ]);
  assert.deepEqual(
    [...stats.all()].map((counter) => counter.name),
    ["auth", "ping", "info"],
  );
});

test("a counter that never ran has a line without a division by zero", () => {
  const stats = new CommandStats(["ping"]);
  assert.equal(stats.counter("ping")?.line(), "cmdstat_ping:calls=0,usec=0,usec_per_call=0.00");
});

test("a reset clears the numbers and keeps the counters that others hold", () => {
  const stats = new CommandStats(["ping"]);
  const ping = stats.counter("ping");
  ping?.ran(true);
  if (ping) ping.rejected = 2;
  stats.reset();
  assert.deepEqual(stats.lines(), []);
  assert.deepEqual([ping?.calls, ping?.micros, ping?.failed, ping?.rejected], [0, 0, 0, 0]);
  ping?.ran(false);
  assert.equal(stats.lines().length, 1);
});

test("a name that is no command has no counter", () => {
  assert.equal(new CommandStats(["ping"]).counter("pong"), undefined);
});
