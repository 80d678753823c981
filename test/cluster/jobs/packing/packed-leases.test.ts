/** Packed leases and counters: how long a delivery still has, and how often it went wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CounterPacker,
  CounterUnpacker,
  LEASE_MS_MAX,
  LeasePacker,
  LeaseUnpacker,
} from "../../../../src/cluster/jobs/packing/packed-leases.ts";
import { fc } from "../../../support/fast-check.ts";
import { anyJob, checkDamage, plainJob, Sender, unpackAll } from "../support/packing.ts";

interface PlainLease {
  id: Int32Array;
  leftMs: number;
}

interface PlainCounters {
  id: Int32Array;
  nacks: number;
  additionalDeliveries: number;
}

const leases = new LeaseUnpacker();
const counters = new CounterUnpacker();

function shownLease(): PlainLease {
  assert.ok(Number.isSafeInteger(leases.leftMs) && leases.leftMs >= 0);
  return { id: Int32Array.from(leases.id), leftMs: leases.leftMs };
}

function shownCounters(): PlainCounters {
  const { nacks, additionalDeliveries } = counters;
  for (const count of [nacks, additionalDeliveries]) assert.ok(count >= 0 && count <= 65_535);
  return { id: Int32Array.from(counters.id), nacks, additionalDeliveries };
}

const anyLeaseMs = fc.maxSafeNat().map((ms) => ms % (LEASE_MS_MAX + 1));

test("leases come back with the time they have left", () => {
  const sender = new Sender();
  const packer = new LeasePacker(sender);
  fc.assert(
    fc.property(fc.array(fc.tuple(anyJob, anyLeaseMs), { maxLength: 20 }), (told) => {
      for (const [job, leftMs] of told) packer.add(sender.add(job), leftMs);
      const expected = told.map(([{ id }, leftMs]) => ({ id, leftMs }));
      assert.deepEqual(unpackAll(leases, packer.take(), shownLease), expected);
      assert.equal(leases.isDamaged, false);
    }),
  );
});

test("a lease longer than any RETRY is damage", () => {
  const sender = new Sender();
  const packer = new LeasePacker(sender);
  packer.add(sender.add(plainJob()), LEASE_MS_MAX + 1);
  leases.start(packer.take());
  assert.equal(leases.next(), false);
  assert.equal(leases.isDamaged, true);
});

test("a lease without end or of a part of a millisecond cannot be told", () => {
  const sender = new Sender();
  const packer = new LeasePacker(sender);
  const job = sender.add(plainJob());
  for (const leftMs of [Number.POSITIVE_INFINITY, Number.NaN, -1, 0.5]) {
    assert.throws(() => packer.add(job, leftMs), /whole number of ms/);
  }
  assert.equal(packer.count, 0);
});

test("counters come back", () => {
  const sender = new Sender();
  const packer = new CounterPacker(sender);
  fc.assert(
    fc.property(fc.array(anyJob, { maxLength: 20 }), (jobs) => {
      for (const job of jobs) packer.add(sender.add(job));
      const expected = jobs.map(({ id, nacks, additionalDeliveries }) => ({
        id,
        nacks,
        additionalDeliveries,
      }));
      assert.deepEqual(unpackAll(counters, packer.take(), shownCounters), expected);
      assert.equal(counters.isDamaged, false);
    }),
  );
});

test("damaged leases and counters throw nothing and show nothing out of range", () => {
  const sender = new Sender();
  const leasePacker = new LeasePacker(sender);
  const counterPacker = new CounterPacker(sender);
  for (const size of [0, 200, 65_535]) {
    const job = sender.add(plainJob({ nacks: size, additionalDeliveries: size }));
    leasePacker.add(job, size);
    counterPacker.add(job);
  }
  checkDamage(leases, leasePacker.take(), shownLease);
  checkDamage(counters, counterPacker.take(), shownCounters);
});
