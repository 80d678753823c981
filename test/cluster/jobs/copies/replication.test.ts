/** The book-keeping of one replication against a plain map of nodes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CopyState, Replications } from "../../../../src/cluster/jobs/copies/replication.ts";
import { fc } from "../../../support/fast-check.ts";
import { plainJob, Sender } from "../support/packing.ts";

const states = Object.values(CopyState);

test("what is noted of nodes is counted, whatever the order", () => {
  const step = fc.tuple(
    fc.constantFrom<CopyState | "forget" | "forget refused">(...states, "forget", "forget refused"),
    fc.nat(6),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const replication = new Replications().take();
      replication.wanted = 4;
      const model = new Map<number, CopyState>();
      for (const [action, node] of steps) {
        if (action === "forget refused") {
          replication.forgetRefused();
          for (const [other, state] of model) {
            if (state === CopyState.refused) model.delete(other);
          }
        } else if (action === "forget") {
          replication.forget(node);
          model.delete(node);
        } else {
          replication.note(node, action);
          model.set(node, action);
        }
      }
      const having = (state: CopyState) => [...model].filter(([, other]) => other === state);
      assert.deepEqual(replication.nodes, [...model.keys()]);
      for (let node = 0; node <= 6; node++) {
        assert.equal(replication.stateOf(node), model.get(node));
      }
      const stored = having(CopyState.stored).length;
      const awaited = having(CopyState.awaited).length;
      assert.equal(replication.storedCount, stored);
      assert.equal(replication.awaitedCount, awaited);
      assert.equal(replication.lacking, 4 - stored - awaited);
      assert.equal(replication.isComplete, stored >= 4);
      assert.equal(replication.isUnanimous, stored === model.size);
      const { awaited: asked, silent, lost } = CopyState;
      const unconfirmed = [asked, silent, lost].flatMap(having);
      const nodes = unconfirmed.map(([node]) => node);
      assert.deepEqual([...replication.unconfirmed()].sort(), nodes.sort());
    }),
  );
});

test("a replication is used again, and is about its new job only", () => {
  const sender = new Sender();
  const first = sender.add(plainJob({ id: Int32Array.of(1, 1, 1, 1, 1, 1) }));
  const second = sender.add(plainJob({ id: Int32Array.of(1, 1, 1, 1, 1, 2) }));
  const replications = new Replications();
  const replication = replications.take();
  replication.begin(sender.broker.jobs, first, 2);
  replication.note(3, CopyState.stored);
  const id = Int32Array.from(replication.id);
  assert.ok(replication.isAbout(id));
  replications.release(replication);
  assert.ok(!replication.isAbout(id));
  assert.equal(replications.count, 0);
  assert.throws(() => replications.release(replication), /released once/);
  assert.equal(replications.take(), replication);
  replication.begin(sender.broker.jobs, second, 2);
  assert.ok(!replication.isAbout(id));
  assert.deepEqual(replication.nodes, []);
  assert.deepEqual(replications.inUse(), [replication]);
});
