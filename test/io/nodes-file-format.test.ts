/**
 * The text of the nodes file: everything can be written and read back, and nothing damaged is
 * accepted. Damage is tried at every length and at every bit.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { decodeNodes, encodeNodes } from "../../src/io/nodes-file-format.ts";
import { NodesFormatError, type NodesState } from "../../src/io/nodes-state.ts";
import { fc } from "../support/fast-check.ts";

const ID = "dcb833cf8f42fbb7924d92335ff6d67d3cea6e3d";

const EXAMPLE: NodesState = {
  nodeId: ID,
  incarnation: 7,
  memoryIncarnation: 5,
  isLeaving: true,
  formerIds: ["7".repeat(40)],
  pauses: [
    { queue: Buffer.from("mail"), state: "in" },
    {
      queue: Buffer.from([0, 0x0a, 0x22, 0x7f, 0x80, 0xff]),
      state: "none",
      broadcast: { counter: 3, nodeId: ID, state: "all" },
    },
  ],
  members: [
    {
      record: {
        nodeId: "0".repeat(40),
        incarnation: 3,
        memoryIncarnation: 3,
        version: 1,
        host: "10.0.0.2",
        port: 7711,
        busPort: 17711,
        zone: "rack-4",
        isLeaving: false,
      },
      isFailed: true,
    },
  ],
};

/** A file with these lines after the header, and a checksum that is right. */
function withLines(...lines: string[]): Buffer {
  return withHeader(5, lines);
}

function withHeader(version: number, lines: readonly string[]): Buffer {
  const header = `{"file":"ringq nodes","version":${version}}`;
  const body = [header, ...lines].map((line) => `${line}\n`).join("");
  const sum = crc32(body).toString(16).padStart(8, "0");
  return Buffer.from(`${body}{"crc32":"${sum}"}\n`);
}

const OWN_LINE = `{"node":"${ID}","incarnation":0,"memory":0,"leaving":false,"formerly":[]}`;

/** A member's line with some fields other than they must be. */
function wrongMember(fields: object): string {
  const rest = { host: "", port: 1, busPort: 1, zone: "", leaving: false, failed: false };
  return JSON.stringify({ member: ID, incarnation: 0, version: 0, ...rest, ...fields });
}

function refuses(bytes: Buffer, message: RegExp): void {
  assert.throws(() => decodeNodes(bytes), { name: "NodesFormatError", message });
}

const hexId = fc.stringMatching(/^[0-9a-f]{40}$/);
const pauseState = fc.constantFrom("none" as const, "in" as const, "out" as const, "all" as const);
const queue = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes));
const plain = { noNullPrototype: true } as const;
const broadcast = fc.record({ counter: fc.maxSafeNat(), nodeId: hexId, state: pauseState }, plain);
const pause = fc.oneof(
  fc.record({ queue, state: pauseState }, plain),
  fc.record({ queue, state: pauseState, broadcast }, plain),
);
/** A memory begins no later than the process that has it. */
const life = fc.tuple(fc.maxSafeNat(), fc.maxSafeNat()).map(([a, b]) => ({
  incarnation: Math.max(a, b),
  memoryIncarnation: Math.min(a, b),
}));
const restOfRecord = fc.record(
  {
    nodeId: hexId,
    version: fc.maxSafeNat(),
    host: fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain(), fc.constant("")),
    port: fc.nat(65_535),
    busPort: fc.nat(65_535),
    zone: fc.string({ maxLength: 20 }),
    isLeaving: fc.boolean(),
  },
  plain,
);
const record = fc.tuple(life, restOfRecord).map(([lived, rest]) => ({ ...lived, ...rest }));
const member = fc.record({ record, isFailed: fc.boolean() }, plain);
const restOfState = fc.record(
  {
    nodeId: hexId,
    isLeaving: fc.boolean(),
    isUntold: fc.boolean(),
    untoldIds: fc.array(hexId, { maxLength: 3 }),
    formerIds: fc.array(hexId, { maxLength: 3 }),
    pauses: fc.array(pause, { maxLength: 4 }),
    members: fc.array(member, { maxLength: 4 }),
  },
  plain,
);

const nodesState: fc.Arbitrary<NodesState> = fc
  .tuple(life, restOfState)
  .map(([lived, rest]) => ({ ...lived, ...rest }));

test("any state can be written and read back", () => {
  assert.deepEqual(decodeNodes(encodeNodes(EXAMPLE)), EXAMPLE);
  fc.assert(
    fc.property(nodesState, (state) => {
      assert.deepEqual(decodeNodes(encodeNodes(state)), state);
    }),
  );
});

test("the file is lines that a person can read", () => {
  const lines = encodeNodes(EXAMPLE).toString().split("\n");
  assert.deepEqual(lines.slice(0, 3), [
    '{"file":"ringq nodes","version":5}',
    `{"node":"${ID}","incarnation":7,"memory":5,"leaving":true,"formerly":["${"7".repeat(40)}"]}`,
    '{"pause":"in","queue":"mail"}',
  ]);
  assert.deepEqual(
    withLines(OWN_LINE),
    encodeNodes({
      nodeId: ID,
      incarnation: 0,
      memoryIncarnation: 0,
      isLeaving: false,
      formerIds: [],
      pauses: [],
      members: [],
    }),
  );
});

test("a file cut anywhere is refused", () => {
  const whole = encodeNodes(EXAMPLE);
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => decodeNodes(whole.subarray(0, length)), NodesFormatError);
  }
});

test("a file with anything behind its end is refused", () => {
  const whole = encodeNodes(EXAMPLE);
  for (const tail of ["\n", " ", "x", "\0", whole.toString("latin1")]) {
    const bytes = Buffer.concat([whole, Buffer.from(tail, "latin1")]);
    assert.throws(() => decodeNodes(bytes), NodesFormatError);
  }
});

test("a file with any one bit changed is refused", () => {
  const whole = encodeNodes(EXAMPLE);
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const damaged = Buffer.from(whole);
    const at = bit >> 3;
    damaged[at] = (damaged[at] ?? 0) ^ (1 << (bit & 7));
    assert.throws(() => decodeNodes(damaged), NodesFormatError);
  }
});

test("garbage is refused, whatever it is", () => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map((values) => Buffer.from(values));
  const text = fc.string({ maxLength: 300 }).map((value) => Buffer.from(value));
  const json = fc.array(fc.json(), { maxLength: 5 }).map((lines) => withLines(...lines));
  fc.assert(
    fc.property(fc.oneof(bytes, text, json), (garbage) => {
      assert.throws(() => decodeNodes(garbage), NodesFormatError);
    }),
  );
});

test("a file of a newer or older ringq is named as such, whatever follows", () => {
  refuses(
    Buffer.from('{"file":"ringq nodes","version":6,"more":1}\nxyz'),
    /a newer ringq \(format 6; this one reads 2 to 5\)/,
  );
  refuses(
    Buffer.from('{"file":"ringq nodes","version":1}\nxyz'),
    /an older ringq \(format 1; this one reads 2 to 5\)/,
  );
  refuses(Buffer.from('{"file":"ringq nodes","version":0}\n'), /first line is damaged/);
  refuses(Buffer.from('{"file":"ringq nodes","version":"2"}\n'), /first line is damaged/);
  refuses(Buffer.from('{"file":"other","version":1}\n'), /first line is damaged/);
});

test("in a file of the version before every start began a new memory", () => {
  const own = `{"node":"${ID}","incarnation":7,"leaving":false}`;
  const state = decodeNodes(withHeader(2, [own, wrongMember({ incarnation: 3 })]));
  assert.equal(state.memoryIncarnation, 7);
  assert.equal(state.members[0]?.record.memoryIncarnation, 3);
});

test("in a file of the version before no former id is named", () => {
  const own = `{"node":"${ID}","incarnation":7,"memory":5,"leaving":false}`;
  assert.deepEqual(decodeNodes(withHeader(3, [own])).formerIds, []);
});

test("a memory cannot have begun after the process that has it", () => {
  refuses(withLines(`{"node":"${ID}","incarnation":7,"memory":8,"leaving":false}`), /wrong number/);
});

test("a first line without an end is not read for ever", () => {
  refuses(Buffer.alloc(1_000_000, "{"), /first line is damaged/);
});

test("what is damaged is named by its line", () => {
  const whole = encodeNodes(EXAMPLE).toString();
  const [first, own, ...rest] = whole.split("\n");
  refuses(Buffer.from([first, own, "{", ...rest].join("\n")), /^line 3: not a line/);
  refuses(
    Buffer.from([first, `${own?.replace("leaving", "living")}`, ...rest].join("\n")),
    /^line 2/,
  );
  refuses(Buffer.from(whole.slice(0, whole.lastIndexOf('"crc32"'))), /^line \d+: the checksum/);
  refuses(withLines(OWN_LINE, OWN_LINE, "[]"), /^line 4: not a line/);
});

test("an edited file says that its checksum is wrong", () => {
  const edited = encodeNodes(EXAMPLE).toString().replace("mail", "male");
  refuses(Buffer.from(edited), /checksum does not match/);
});

test("a right checksum does not make wrong content right", () => {
  const cases: [string, RegExp][] = [
    [`{"node":"${ID.slice(1)}","leaving":false}`, /wrong node id/],
    [`{"node":"${ID.toUpperCase()}","leaving":false}`, /wrong node id/],
    [`{"node":5,"leaving":false}`, /wrong node id: 5/],
    [`{"node":"${ID}","incarnation":0,"leaving":"no"}`, /wrong leaving/],
    [`{"node":"${ID}","incarnation":0}`, /wrong leaving: undefined/],
    [`{"node":"${ID}","incarnation":-1,"leaving":false}`, /wrong number: -1/],
    ['{"pause":"up","queue":"q"}', /wrong pause: "up"/],
    ['{"pause":"in"}', /wrong queue/],
    ['{"pause":"in","queue":"\u20ac"}', /wrong queue/],
    [`{"pause":"in","queue":"${"x".repeat(65_537)}"}`, /wrong queue/],
    ['{"pause":"in","queue":"q","broadcast":7}', /wrong broadcast: 7/],
    [
      `{"pause":"in","queue":"q","broadcast":{"counter":-1,"node":"${ID}","state":"in"}}`,
      /wrong number: -1/,
    ],
    [
      `{"pause":"in","queue":"q","broadcast":{"counter":1.5,"node":"${ID}","state":"in"}}`,
      /wrong number/,
    ],
    [wrongMember({ host: 7 }), /wrong host/],
    [wrongMember({ host: "x".repeat(256) }), /wrong host/],
    [wrongMember({ zone: "x".repeat(65) }), /wrong zone/],
    [wrongMember({ port: 65_536 }), /wrong number: 65536/],
    [wrongMember({ busPort: "1" }), /wrong number/],
    [wrongMember({ failed: undefined }), /wrong failed/],
    ['{"something":1}', /unknown kind of line/],
    ["[]", /not a line/],
    ["null", /not a line/],
    ["", /not a line/],
  ];
  for (const [line, message] of cases) refuses(withLines(OWN_LINE, line, OWN_LINE), message);
});

test("a file names its own node exactly once", () => {
  refuses(withLines(), /names 0 own node ids/);
  refuses(withLines(OWN_LINE, OWN_LINE), /names 2 own node ids/);
});

test("the longest queue name is kept whole", () => {
  const queueName = Buffer.alloc(65_536, 0xff);
  const state = { ...EXAMPLE, pauses: [{ queue: queueName, state: "out" as const }] };
  assert.deepEqual(decodeNodes(encodeNodes(state)), state);
});
