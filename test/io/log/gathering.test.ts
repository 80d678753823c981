/** When the next sync of an `always` log begins: for whom it waits, and for how long. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Gathering } from "../../../src/io/log/gathering.ts";

/** One sync of `micros` has covered so many changes and ended at time 0; meanwhile so many others came. */
function after({ covered, waiting, micros }: { covered: number; waiting: number; micros: number }) {
  const gathering = new Gathering();
  gathering.isWorthwhile(covered, -micros);
  gathering.synced(-micros, 0, waiting);
  return gathering;
}

describe("gathering clients before a sync", () => {
  it("does not wait for anybody when nothing was ever synced", () => {
    assert.equal(new Gathering().isWorthwhile(1, 1000), false);
  });

  it("lets who is alone go at once", () => {
    const gathering = after({ covered: 1, waiting: 0, micros: 300 });
    assert.equal(gathering.isWorthwhile(1, 5), false);
  });

  it("waits until as many are there as the last round had", () => {
    const gathering = after({ covered: 20, waiting: 30, micros: 300 });
    assert.equal(gathering.isWorthwhile(30, 10), true);
    assert.equal(gathering.isWorthwhile(49, 200), true);
    assert.equal(gathering.isWorthwhile(50, 210), false);
  });

  it("gives up when for the time of a sync nobody came", () => {
    const gathering = after({ covered: 20, waiting: 30, micros: 300 });
    assert.equal(gathering.isWorthwhile(31, 250), true);
    assert.equal(gathering.isWorthwhile(31, 549), true);
    assert.equal(gathering.isWorthwhile(31, 550), false);
  });

  it("gives up after the time of four syncs, however many trickle in", () => {
    const slow = after({ covered: 1000, waiting: 0, micros: 300 });
    for (let at = 1; at < 12; at++) assert.equal(slow.isWorthwhile(at, at * 100), true);
    assert.equal(slow.isWorthwhile(12, 1200), false);
  });

  it("gives up after two milliseconds, however slow the disk is", () => {
    const gathering = after({ covered: 9, waiting: 0, micros: 50_000 });
    assert.equal(gathering.isWorthwhile(1, 1999), true);
    assert.equal(gathering.isWorthwhile(2, 2000), false);
  });

  it("expects fewer when fewer came", () => {
    const gathering = after({ covered: 20, waiting: 30, micros: 300 });
    assert.equal(gathering.isWorthwhile(10, 1200), false);
    gathering.synced(1200, 1500, 0);
    assert.equal(gathering.isWorthwhile(9, 1510), true);
    assert.equal(gathering.isWorthwhile(10, 1520), false);
  });
});
