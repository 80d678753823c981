/**
 * The nodes file as the server uses it: written before anything depends on it, read at the start,
 * and tried again when it cannot be written.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { MembershipSnapshot } from "../../src/cluster/members/snapshot.ts";
import { Pauses } from "../../src/cluster/pauses.ts";
import type { Broker } from "../../src/core/broker.ts";
import { Identity } from "../../src/io/identity.ts";
import type { Logger } from "../../src/io/logger.ts";
import type { NodesState } from "../../src/io/nodes-state.ts";
import { FakeServer } from "../support/fake-server.ts";
import { tempDir } from "../support/temp-dir.ts";

const FRESH_ID = "f".repeat(40);
const NEVER = Number.POSITIVE_INFINITY;

/** A log that keeps the messages. */
function memoryLog(): Logger & { lines: string[] } {
  const lines: string[] = [];
  const note = (message: string): void => {
    lines.push(message);
  };
  return { lines, debug: note, verbose: note, notice: note, warning: note, fatal: note };
}

function brokerOf(nodeId: string): Broker {
  const { broker } = new FakeServer().state;
  broker.nodeId = nodeId;
  return broker;
}

/** Announcements that nobody hears. */
function pausesOf(broker: Broker): Pauses {
  return new Pauses({
    host: { nowMs: 0, wallMs: 1000, randomWord: () => 1 },
    broker,
    ownId: () => FRESH_ID,
    broadcast: () => undefined,
    changed: () => undefined,
  });
}

/** An identity that was loaded and given to a broker, as at every start. */
function start(
  path: string,
  log: Logger = memoryLog(),
  isFolderOurs = (): boolean => true,
): {
  identity: Identity;
  broker: Broker;
  membership: { snapshot: MembershipSnapshot };
  pauses: Pauses;
  saved: NodesState;
} {
  const identity = new Identity(path, log, isFolderOurs);
  const saved = identity.load(() => FRESH_ID);
  const broker = brokerOf(saved.nodeId);
  const membership: { snapshot: MembershipSnapshot } = { snapshot: saved };
  const pauses = pausesOf(broker);
  const cluster = {
    get snapshot() {
      return membership.snapshot;
    },
    pauses,
  };
  identity.restore(broker, cluster);
  return { identity, broker, membership, pauses, saved };
}

async function nodesFile(t: TestContext): Promise<string> {
  return join(await tempDir(t), "nodes.conf");
}

function pause(broker: Broker, name: string, isIn: boolean, isOut: boolean): void {
  const bytes = Buffer.from(name, "latin1");
  broker.pause(broker.queues.entry(bytes, 0, bytes.length), isIn, isOut);
}

function pauseOf(broker: Broker, name: string): string | undefined {
  const bytes = Buffer.from(name, "latin1");
  return broker.queues.find(bytes, 0, bytes.length)?.pauseState;
}

test("a new id is on the disk when load returns", async (t) => {
  const path = await nodesFile(t);
  assert.equal(new Identity(path, memoryLog(), () => true).load(() => FRESH_ID).nodeId, FRESH_ID);
  assert.ok(readFileSync(path, "utf8").includes(FRESH_ID));
  const again = new Identity(path, memoryLog(), () => true).load(() => "0".repeat(40));
  assert.equal(again.nodeId, FRESH_ID);
});

test("an id that cannot be written is an error, not an id", async (t) => {
  const path = join(await tempDir(t), "missing", "nodes.conf");
  assert.throws(
    () => new Identity(path, memoryLog(), () => true).load(() => FRESH_ID),
    /cannot write .*missing/,
  );
});

test("pauses and leaving come back, also for names that are no text", async (t) => {
  const path = await nodesFile(t);
  const before = start(path);
  pause(before.broker, "in\0\xff", true, false);
  pause(before.broker, "out", false, true);
  pause(before.broker, "all", true, true);
  pause(before.broker, "none", true, true);
  pause(before.broker, "none", false, false);
  before.membership.snapshot = { ...before.membership.snapshot, incarnation: 7, isLeaving: true };
  before.identity.changed();
  assert.equal(before.identity.saveIfChanged(0), NEVER);
  const { broker: after, membership } = start(path);
  assert.equal(membership.snapshot.isLeaving, true);
  assert.equal(membership.snapshot.incarnation, 7);
  const states = ["in\0\xff", "out", "all", "none"].map((name) => pauseOf(after, name));
  assert.deepEqual(states, ["in", "out", "all", undefined]);
});

test("a start says that the node is still leaving, and how to end that", async (t) => {
  const path = await nodesFile(t);
  const before = start(path);
  before.membership.snapshot = { ...before.membership.snapshot, isLeaving: true };
  before.identity.changed();
  before.identity.saveIfChanged(0);
  const log = memoryLog();
  start(path, log);
  assert.match(log.lines.join(), /still leaving.*CLUSTER LEAVING no/);
});

test("without a change nothing is written", async (t) => {
  const path = await nodesFile(t);
  const { identity } = start(path);
  writeFileSync(path, "touched by somebody");
  assert.equal(identity.saveIfChanged(0), NEVER);
  assert.equal(readFileSync(path, "utf8"), "touched by somebody");
});

test("what could not be saved is tried again a second later, and told", async (t) => {
  const path = await nodesFile(t);
  const log = memoryLog();
  const { identity, broker } = start(path, log);
  const obstacle = join(path, "..", `.nodes.conf.${process.pid}.tmp`);
  mkdirSync(obstacle);
  pause(broker, "q", true, false);
  identity.changed();
  assert.equal(identity.saveIfChanged(5000), 6000);
  assert.equal(identity.saveIfChanged(5001), 6000, "and not before");
  assert.deepEqual(log.lines.slice(1), ["the nodes file was not saved, trying again"]);
  assert.match(identity.save() ?? "", /exists/i);
  assert.equal(identity.saveIfChanged(6000), 7000);
  rmdirSync(obstacle);
  assert.equal(identity.saveIfChanged(7000), NEVER);
  assert.equal(pauseOf(start(path).broker, "q"), "in");
});

test("nothing is written into a folder that belongs to another server by now", async (t) => {
  const path = await nodesFile(t);
  let isOurs = true;
  const { identity, broker } = start(path, memoryLog(), () => isOurs);
  isOurs = false;
  writeFileSync(path, "another server's");
  pause(broker, "q", true, false);
  identity.changed();
  assert.equal(identity.save(), "the data directory belongs to another server now");
  assert.equal(identity.saveIfChanged(5000), 6000);
  assert.equal(readFileSync(path, "utf8"), "another server's");
});

test("a file that is not understood stops the start and stays as it is", async (t) => {
  const path = await nodesFile(t);
  writeFileSync(path, "nonsense");
  assert.throws(() => start(path), /cannot use nodes file .*nodes\.conf/);
  assert.equal(readFileSync(path, "utf8"), "nonsense");
});

test("a file of Disque is converted at once and kept under another name", async (t) => {
  const path = await nodesFile(t);
  const id = "a".repeat(40);
  const text = `${id} 127.0.0.1:7711 myself 0 0 connected\nvars currentEpoch 0 lastVoteEpoch 0\n`;
  writeFileSync(path, text);
  const log = memoryLog();
  assert.equal(start(path, log).broker.nodeId, id);
  assert.deepEqual(log.lines, ["nodes file of Disque converted"]);
  assert.ok(existsSync(`${path}.disque`));
  assert.notEqual(readFileSync(path, "utf8"), text);
  assert.equal(start(path).broker.nodeId, id);
});

test("what changes again in one turn is written at its end, not each time", async (t) => {
  const path = await nodesFile(t);
  const { identity, broker } = start(path);
  pause(broker, "first", true, false);
  assert.equal(identity.saveOnce(), undefined);
  assert.ok(readFileSync(path, "utf8").includes("first"));
  pause(broker, "second", true, false);
  assert.equal(identity.saveOnce(), undefined);
  assert.ok(!readFileSync(path, "utf8").includes("second"));
  assert.equal(identity.saveIfChanged(0), NEVER);
  assert.ok(readFileSync(path, "utf8").includes("second"));
  pause(broker, "third", true, false);
  assert.equal(identity.saveOnce(), undefined, "the next turn");
  assert.ok(readFileSync(path, "utf8").includes("third"));
});

test("what was announced to all nodes is remembered beside what holds here", async (t) => {
  const path = await nodesFile(t);
  const before = start(path);
  const name = Buffer.from("mail");
  before.pauses.announce(name, "all");
  pause(before.broker, "mail", true, false);
  before.pauses.announce(Buffer.from("open again"), "none");
  assert.equal(before.identity.save(), undefined);
  const after = start(path);
  assert.equal(pauseOf(after.broker, "mail"), "in");
  assert.equal(after.pauses.find(name)?.state, "all");
  assert.equal(after.pauses.find(Buffer.from("open again"))?.state, "none");
  assert.equal(pauseOf(after.broker, "open again"), undefined);
});

test("after a hard reset the file names the former id, until there is no log of it any more", async (t) => {
  const path = await nodesFile(t);
  const { identity, broker, membership } = start(path);
  assert.equal(identity.obstacleTo(FRESH_ID), "");
  for (const newId of ["1".repeat(40), "2".repeat(40)]) {
    membership.snapshot = { ...membership.snapshot, nodeId: newId };
    broker.nodeId = newId;
    assert.match(identity.obstacleTo(newId), /does not name the node's new id yet/);
    identity.changed();
    assert.equal(identity.saveIfChanged(0), NEVER);
    assert.equal(identity.obstacleTo(newId), "");
  }
  const formerIds = [FRESH_ID, "1".repeat(40)];
  const again = new Identity(path, memoryLog(), () => true);
  const saved = again.load(() => FRESH_ID);
  assert.deepEqual([saved.nodeId, saved.formerIds], ["2".repeat(40), formerIds]);
  const next = brokerOf(saved.nodeId);
  again.restorePauses(next, { snapshot: saved, pauses: pausesOf(next) });
  again.saveAtStart(false);
  assert.deepEqual(start(path).saved.formerIds, formerIds);
  again.saveAtStart(true);
  assert.deepEqual(start(path).saved.formerIds, []);
});

test("before the log is loaded the file is left as it was", async (t) => {
  const path = join(await tempDir(t), "nodes.conf");
  start(path);
  const before = readFileSync(path);
  const identity = new Identity(path, memoryLog(), () => true);
  const saved = identity.load(() => FRESH_ID);
  const broker = brokerOf(saved.nodeId);
  const snapshot = { ...saved, incarnation: saved.incarnation + 1 };
  identity.restorePauses(broker, { snapshot, pauses: pausesOf(broker) });
  identity.changed();
  assert.equal(identity.saveIfChanged(1000), NEVER);
  assert.deepEqual(readFileSync(path), before);
  identity.saveAtStart(false);
  assert.notDeepEqual(readFileSync(path), before);
});
