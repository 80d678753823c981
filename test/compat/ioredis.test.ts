/**
 * ioredis with its default settings, which open every connection with HELLO 3.
 *
 * Commands it does not know are sent through `call`, in lower or upper case as given.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Redis } from "ioredis";
import { atEnd } from "../support/cleanup.ts";
import { startNode } from "../support/node.ts";
import { type LibraryClient, type Target, testLibrary } from "./library-tests.ts";

async function connect({ port, password, tls }: Target): Promise<LibraryClient> {
  const more = { ...(password && { password }), ...(tls && { tls }) };
  const redis = new Redis({ port, lazyConnect: true, ...more });
  // Without a listener it prints every failed attempt to reconnect.
  redis.on("error", () => undefined);
  await redis.connect();
  return {
    call: (command, ...args) => redis.call(command ?? "", ...args),
    close: () => redis.disconnect(),
  };
}

testLibrary("ioredis", connect);

test("ioredis pipelines commands", async (t) => {
  const { port } = await startNode(t);
  const redis = new Redis({ port });
  atEnd(t, () => redis.disconnect());
  const pipeline = redis.pipeline();
  for (let i = 0; i < 100; i++) pipeline.call("ADDJOB", "q", `body ${i}`, "0");
  pipeline.call("QLEN", "q");
  const replies = await pipeline.exec();
  assert.equal(replies?.length, 101);
  assert.deepEqual(replies?.at(-1), [null, 100]);
});
