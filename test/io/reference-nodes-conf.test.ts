/**
 * Reading the nodes.conf of a Disque 1.0 server: real lines, damaged ones, and garbage.
 * Nothing here needs a file.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NodesFormatError } from "../../src/io/nodes-state.ts";
import { readReferenceNodes } from "../../src/io/reference-nodes-conf.ts";
import { fc } from "../support/fast-check.ts";

const SELF = "dcb833cf8f42fbb7924d92335ff6d67d3cea6e3d";
const OTHER = "0123456789abcdef0123456789abcdef01234567";
const SELF_LINE = `${SELF} :7711 myself 0 0 connected\n`;

test("a single node's file gives its identity", () => {
  assert.deepEqual(readReferenceNodes(SELF_LINE), {
    nodeId: SELF,
    incarnation: 0,
    memoryIncarnation: 0,
    isLeaving: false,
    formerIds: [],
    pauses: [],
    members: [],
  });
});

test("other nodes become members with the bus port of the reference", () => {
  const text = `${OTHER} 10.0.0.2:7712 fail?,leaving 5 1448094000000 disconnected\n${SELF_LINE}`;
  const [member] = readReferenceNodes(text).members;
  assert.deepEqual(
    { ...member?.record },
    {
      nodeId: OTHER,
      incarnation: 0,
      memoryIncarnation: 0,
      version: 0,
      host: "10.0.0.2",
      port: 7712,
      busPort: 17712,
      zone: "",
      isLeaving: true,
    },
  );
  assert.equal(member?.isFailed, false);
});

test("an IPv6 address keeps its colons", () => {
  const text = `${OTHER} fe80::1:7711 noflags 0 0 connected\n${SELF_LINE}`;
  assert.equal(readReferenceNodes(text).members[0]?.record.host, "fe80::1");
});

test("nodes without an address and unfinished handshakes are left out", () => {
  const ghost = `${OTHER} :0 noaddr 0 0 disconnected\n`;
  const stranger = `${OTHER} 10.0.0.3:7711 handshake 0 0 connected\n`;
  assert.deepEqual(readReferenceNodes(ghost + stranger + SELF_LINE).members, []);
});

test("a leaving node still leaves after the conversion", () => {
  const text = `${SELF} 127.0.0.1:7711 myself,leaving 0 0 connected\n`;
  assert.equal(readReferenceNodes(text).isLeaving, true);
});

test("empty lines (padding) and lines of variables are skipped", () => {
  assert.equal(readReferenceNodes(`\n${SELF_LINE}vars currentEpoch 0\n\n\n  \n`).nodeId, SELF);
});

test("exactly one node must be this one", () => {
  assert.throws(() => readReferenceNodes(""), /marks 0 nodes as "myself"/);
  assert.throws(() => readReferenceNodes(SELF_LINE + SELF_LINE), /marks 2 nodes/);
});

test("a line with a wrong id, address, flag or number of fields is refused", () => {
  const wrong = [
    `${SELF} :7711 myself 0 0`,
    `${SELF} :7711 myself 0 0 connected more`,
    `${SELF.slice(1)} :7711 myself 0 0 connected`,
    `${SELF} 7711 myself 0 0 connected`,
    `${SELF} :77x1 myself 0 0 connected`,
    `${SELF} : myself 0 0 connected`,
    `${SELF} :55536 myself 0 0 connected`,
    `${SELF} :7711 myself,master 0 0 connected`,
    `${SELF} :7711  0 0 connected`,
  ];
  for (const line of wrong) {
    assert.throws(() => readReferenceNodes(`${line}\n`), /not a line of CLUSTER NODES/, line);
  }
});

test("a file cut anywhere either says who we are or is refused", () => {
  const text = `${SELF_LINE}${OTHER} 10.0.0.2:7712 noflags 0 0 connected\n`;
  for (let length = 0; length < text.length; length++) {
    try {
      assert.equal(readReferenceNodes(text.slice(0, length)).nodeId, SELF);
    } catch (error) {
      assert.ok(error instanceof NodesFormatError, String(error));
    }
  }
});

test("garbage never does worse than being refused", () => {
  const fields = fc.constantFrom(
    SELF,
    OTHER,
    ":7711",
    "1.2.3.4:5",
    "myself",
    "fail",
    "0",
    "",
    "\n",
  );
  fc.assert(
    fc.property(fc.array(fields), (words) => {
      try {
        readReferenceNodes(words.join(" "));
      } catch (error) {
        assert.ok(error instanceof NodesFormatError, String(error));
      }
    }),
  );
});
