/**
 * Any sequence of requests and moments: the broker does what the naive broker does.
 *
 * The simulation lives long lives of whole clients; this looks for the shortest story that goes
 * wrong, which fast-check then makes shorter still.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBroker } from "../../src/core/broker-check.ts";
import { type Asker, Story } from "../core/story.ts";
import type { JobVerb } from "../sim/history.ts";
import { fc } from "../support/fast-check.ts";

const QUEUES = ["a", "b"];
const VERBS: JobVerb[] = ["ack", "delete", "enqueue", "nack", "dequeue", "working"];

/** One act of a story, with a text for the report of a failure. */
interface Act {
  readonly [fc.toStringMethod]: () => string;
  readonly run: (cast: Cast) => void;
}

/** A story and who takes part in it. */
interface Cast {
  readonly story: Story;
  readonly ids: string[];
  readonly askers: Asker[];
}

function act(text: string, run: (cast: Cast) => void): Act {
  return { [fc.toStringMethod]: () => text, run };
}

function chosen<T>(list: readonly T[], which: number): T | undefined {
  return list[list.length - 1 - (which % Math.max(1, list.length))];
}

const which = fc.nat(1000);
const queue = fc.constantFrom(...QUEUES);
const someQueues = fc.array(queue, { minLength: 1, maxLength: 3 });
const count = fc.integer({ min: 1, max: 3 });

const add = fc
  .record({ queue, delay: fc.nat(2), retry: fc.nat(2), ttl: fc.integer({ min: 3, max: 9 }) })
  .map(({ queue, ...asked }) =>
    act(`add ${queue} ${JSON.stringify(asked)}`, ({ story, ids }) => {
      const id = story.tryAdd(queue, asked);
      if (id !== undefined) ids.push(id);
    }),
  );

/** Jobs come, and the first are taken away in the same turn, from under the hands of who waits. */
const snatch = fc.tuple(queue, count, fc.nat(3)).map(([queue, count, left]) =>
  act(`snatch ${count} from ${queue} and leave ${left}`, ({ story }) => {
    const added = Array.from({ length: count + left }, () => story.tryAdd(queue, { ttl: 9 }));
    for (const id of added.slice(0, count)) if (id !== undefined) story.node.apply("ack", id);
  }),
);

const apply = fc.tuple(fc.constantFrom(...VERBS), which).map(([verb, which]) =>
  act(`${verb} ${which}`, ({ story, ids }) => {
    const id = chosen(ids, which);
    if (id !== undefined) story.node.apply(verb, id);
  }),
);

const get = fc.tuple(someQueues, count).map(([queues, count]) =>
  act(`get ${queues} ${count}`, ({ story }) => {
    story.get(queues, count);
  }),
);

const ask = fc
  .tuple(someQueues, count, fc.constantFrom(0, 0, 1, 1500))
  .map(([queues, count, timeoutMs]) =>
    act(`ask ${queues} ${count} ${timeoutMs}`, ({ story, askers }) => {
      askers.push(story.ask(queues, count, timeoutMs));
    }),
  );

const leave = fc.tuple(which, fc.boolean()).map(([which, wasHanded]) =>
  act(`leave ${which} ${wasHanded}`, ({ story, askers }) => {
    const asker = chosen(askers, which);
    if (asker === undefined || !asker.connection.isOpen || asker.jobs !== undefined) return;
    story.leave(asker, wasHanded && asker.connection.reply !== undefined);
    story.node.dirty = story.node.dirty.filter((connection) => connection !== asker.connection);
  }),
);

const pause = fc
  .tuple(queue, fc.boolean(), fc.boolean())
  .map(([queue, isIn, isOut]) =>
    act(`pause ${queue} ${isIn} ${isOut}`, ({ story }) => story.node.pause(queue, isIn, isOut)),
  );

const turn = fc.constant(act("turn", ({ story }) => story.turn()));
const flush = fc.constant(act("flush", ({ story }) => story.node.flush()));
const pass = fc
  .constantFrom(1, 499, 500, 999, 1000, 1001, 2000, 300_000)
  .map((ms) => act(`pass ${ms}`, ({ story }) => story.pass(ms)));
const stall = fc.constantFrom(1, 1000, 2500, 9000).map((ms) =>
  act(`stall ${ms}`, ({ story }) => {
    story.turn();
    story.stall(ms);
  }),
);

const anyAct = fc.oneof(
  { weight: 6, arbitrary: add },
  { weight: 2, arbitrary: snatch },
  { weight: 6, arbitrary: apply },
  { weight: 3, arbitrary: get },
  { weight: 5, arbitrary: ask },
  { weight: 2, arbitrary: leave },
  { weight: 2, arbitrary: pause },
  { weight: 3, arbitrary: turn },
  { weight: 3, arbitrary: pass },
  { weight: 1, arbitrary: stall },
  { weight: 1, arbitrary: flush },
);

test("whatever is asked in whatever order, the broker does what the rules say", () => {
  fc.assert(
    fc.property(fc.array(anyAct, { minLength: 1, maxLength: 60, size: "max" }), (acts) => {
      const cast: Cast = { story: new Story(), ids: [], askers: [] };
      for (const { run } of acts) {
        run(cast);
        checkBroker(cast.story.broker);
      }
      for (const queue of QUEUES) cast.story.node.pause(queue, false, false);
      cast.story.pass(10_000);
      assert.equal(cast.story.broker.jobs.count, 0, "all jobs are expired by then");
    }),
    { numRuns: 400 },
  );
});
