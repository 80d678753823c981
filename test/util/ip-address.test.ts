/**
 * Literal addresses, compared with what Node itself accepts.
 *
 * The only intended difference: a zone (`fe80::1%eth0`) is no part of an address that goes over the wire.
 */
import assert from "node:assert/strict";
import { isIP } from "node:net";
import { test } from "node:test";
import { isIpAddress } from "../../src/util/ip-address.ts";
import { fc } from "../support/fast-check.ts";

test("addresses are recognised", () => {
  const good = ["0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "::1", "1::", "fe80::1:2"];
  const longer = ["1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7::"];
  for (const text of [...good, ...longer]) assert.ok(isIpAddress(text), text);
});

test("what merely looks like an address is not one", () => {
  const bad = [
    "",
    "localhost",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1.2.3.4 ",
    "+1.2.3.4",
  ];
  const worse = [
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "g::",
    ":1",
    "1:",
  ];
  const odd = [
    "1.2.3.4::",
    "::1.2.3.4:5",
    "[::1]",
    "::1%eth0",
    "1:2:3:4:5:6:7:1.2.3.4",
    "1:2:3:4::5:6:7:8",
  ];
  for (const text of [...bad, ...worse, ...odd]) assert.ok(!isIpAddress(text), text);
});

test("it says what the system says", () => {
  const part = fc.oneof(fc.stringMatching(/^[0-9a-f]{0,5}$/), fc.ipV4(), fc.constant(""));
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.array(part, { maxLength: 10 }).map((parts) => parts.join(":")),
    fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 5 }).map((parts) => parts.join(".")),
  );
  fc.assert(
    fc.property(text, (address) => {
      assert.equal(isIpAddress(address), isIP(address) > 0, address);
    }),
    { numRuns: 2000 },
  );
});
