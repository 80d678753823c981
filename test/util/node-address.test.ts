/** Addresses of nodes: what is one, what is not, and that they read back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNodeAddress, printNodeAddress } from "../../src/util/node-address.ts";
import { fc } from "../support/fast-check.ts";

test("the bus is 10000 above the client port unless it is given", () => {
  assert.deepEqual(parseNodeAddress("10.0.0.1:7711"), {
    host: "10.0.0.1",
    port: 7711,
    busPort: 17711,
  });
  assert.deepEqual(parseNodeAddress("ringq-0.ringq:7711@7712"), {
    host: "ringq-0.ringq",
    port: 7711,
    busPort: 7712,
  });
  assert.equal(parseNodeAddress("[::1]:7711")?.host, "::1");
});

test("what merely looks like an address is not one", () => {
  const wrong = ["", "host", "host:", ":7711", "host:0", "host:65536", "host:60000", "::1:7711"];
  for (const text of [...wrong, "a b:1", "host:1@", "host:1@0", "host:1@70000", "host:1:2"]) {
    assert.equal(parseNodeAddress(text), undefined, text);
  }
  assert.equal(parseNodeAddress("host:60000@1")?.busPort, 1);
  assert.equal(parseNodeAddress(`${"h".repeat(256)}:1`), undefined);
});

test("a printed address reads back as itself", () => {
  const address = fc.record({
    host: fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()),
    port: fc.integer({ min: 1, max: 65_535 }),
    busPort: fc.integer({ min: 1, max: 65_535 }),
  });
  fc.assert(
    fc.property(address, (given) => {
      assert.deepEqual(parseNodeAddress(printNodeAddress(given)), { ...given });
    }),
  );
});
