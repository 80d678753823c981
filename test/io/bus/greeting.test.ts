/** The first bytes of a connection: everything can be read back, nothing impossible is read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  beginsAsGreeting,
  commonVersion,
  decodeGreeting,
  encodeGreeting,
  GREETING_BYTES,
} from "../../../src/io/bus/greeting.ts";
import { fc } from "../../support/fast-check.ts";
import { greetingOf } from "./duet.ts";

const versions = fc
  .tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 1, max: 65_535 }))
  .map((pair) => pair.sort((a, b) => a - b));

test("a greeting is read back as it was written", () => {
  const greetings = fc.record({
    versions,
    hasSecret: fc.boolean(),
    nodeId: fc.stringMatching(/^[0-9a-f]{40}$/),
    incarnation: fc.maxSafeNat(),
    nonce: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  });
  fc.assert(
    fc.property(greetings, ({ versions: [versionMin = 1, versionMax = 1], nonce, ...rest }) => {
      const greeting = { versionMin, versionMax, nonce: Buffer.from(nonce), ...rest };
      const bytes = encodeGreeting(greeting);
      assert.equal(bytes.length, GREETING_BYTES);
      assert.deepEqual(decodeGreeting(bytes), greeting);
    }),
  );
});

test("the layout is what every version relies on", () => {
  const greeting = greetingOf({
    versionMin: 0x0102,
    versionMax: 0x0304,
    hasSecret: true,
    incarnation: 0x1f_0000_0000 + 5,
    nonce: Buffer.alloc(32, 0xee),
  });
  const expected = `${Buffer.from("ringqbus").toString("hex")}0102030400000001${"a".repeat(40)}0000001f00000005${"ee".repeat(32)}`;
  assert.equal(encodeGreeting(greeting).toString("hex"), expected);
});

test("flags of later versions do not disturb", () => {
  const bytes = encodeGreeting(greetingOf());
  bytes.writeUInt32BE(0xffff_fffe, 12);
  assert.equal(decodeGreeting(bytes)?.hasSecret, false);
});

test("what cannot be is not read", () => {
  const changed = (at: number, ...values: number[]): Buffer => {
    const bytes = encodeGreeting(greetingOf());
    Buffer.from(values).copy(bytes, at);
    return bytes;
  };
  assert.ok(decodeGreeting(changed(0)));
  assert.equal(decodeGreeting(changed(0, 0)), undefined);
  assert.equal(decodeGreeting(changed(8, 0, 0)), undefined);
  assert.equal(decodeGreeting(changed(8, 0, 3)), undefined);
  assert.equal(decodeGreeting(changed(36, 0, 0x20)), undefined);
  assert.equal(decodeGreeting(changed(0).subarray(1)), undefined);
  assert.equal(decodeGreeting(Buffer.alloc(GREETING_BYTES + 1)), undefined);
});

test("the beginning of a greeting is told from anything else at once", () => {
  const bytes = encodeGreeting(greetingOf());
  for (let length = 0; length <= bytes.length; length++) {
    assert.equal(beginsAsGreeting(bytes, length), true);
  }
  assert.equal(beginsAsGreeting(Buffer.from("*"), 1), false);
  assert.equal(beginsAsGreeting(Buffer.from("ringqbus"), 8), true);
  assert.equal(beginsAsGreeting(Buffer.from("ringqbot"), 8), false);
});

test("the common version is the newest that lies in both ranges", () => {
  fc.assert(
    fc.property(versions, versions, ([a = 1, b = 1], [c = 1, d = 1]) => {
      const [one, other] = [
        greetingOf({ versionMin: a, versionMax: b }),
        greetingOf({ versionMin: c, versionMax: d }),
      ];
      const version = commonVersion(one, other);
      assert.equal(commonVersion(other, one), version);
      if (version === undefined) assert.ok(b < c || d < a);
      else assert.ok(version === Math.min(b, d) && version >= a && version >= c);
    }),
  );
});
