/** Who was told that there is no copy of a job. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Denials } from "../../../../src/cluster/jobs/copies/denials.ts";
import { FakeHost } from "../../../support/fake-host.ts";

const id = Int32Array.of(1, 2, 3, 4, 5, 6);

test("the last two are known, however often they are told", () => {
  const denials = new Denials(new FakeHost(2, {}));
  assert.deepEqual(denials.of(id), []);
  for (const node of [1, 2, 3, 3, 2, 2]) denials.remember(id, node);
  assert.deepEqual(denials.of(id), [2, 3]);
});

test("a node that is gone is not, and another one stays", () => {
  const denials = new Denials(new FakeHost(2, {}));
  for (const node of [1, 2]) denials.remember(id, node);
  denials.forgetNode(2);
  assert.deepEqual(denials.of(id), [1]);
  denials.forgetNode(1);
  assert.deepEqual(denials.of(id), []);
});

test("they are known as long as a request for a copy may be on its way", () => {
  const host = new FakeHost(2, {});
  const denials = new Denials(host);
  denials.remember(id, 1);
  host.nowMs += 9999;
  assert.deepEqual(denials.of(id), [1]);
  host.nowMs += 1;
  assert.deepEqual(denials.of(id), []);
});
