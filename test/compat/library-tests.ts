/**
 * What every Redis client library must be able to do with its default settings.
 *
 * Written once; a library only says how to connect and how to send a command it does not know.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { ConnectionOptions } from "node:tls";
import { clientOptions, startTlsNode } from "../process/tls-node.ts";
import { atEnd } from "../support/cleanup.ts";
import { eventually } from "../support/eventually.ts";
import { startNode } from "../support/node.ts";

/** A connected client of some library. */
export interface LibraryClient {
  call(...args: string[]): Promise<unknown>;
  close(): void | Promise<void>;
}

/** The server on this machine, and what the library has to be told beside its port. */
export interface Target {
  readonly port: number;
  readonly password?: string;
  /** Speak TLS, with these. */
  readonly tls?: ConnectionOptions;
}

/** How to connect. */
export type Connect = (target: Target) => Promise<LibraryClient>;

/** Connects for a test; the client is closed when the test ends. */
type Open = (t: TestContext, target: Target) => Promise<LibraryClient>;

/** Registers the tests for one library. */
export function testLibrary(name: string, connect: Connect): void {
  const open: Open = async (t, target) => {
    const client = await connect(target);
    atEnd(t, () => client.close());
    return client;
  };
  testCommands(name, open);
  testConnections(name, open);
}

function testCommands(name: string, open: Open): void {
  test(`${name}: a job is added, shown, fetched and acknowledged`, async (t) => {
    const client = await open(t, await startNode(t));
    const id = await client.call("ADDJOB", "q", "hello", "0", "RETRY", "60");
    assert.match(String(id), /^D-[0-9a-f]{8}-.{24}-05a1$/);
    const shown = await client.call("SHOW", String(id));
    assert.ok(Array.isArray(shown), "SHOW is a list, never a map");
    assert.deepEqual(shown.slice(0, 6), ["id", id, "queue", "q", "state", "queued"]);
    assert.deepEqual(await client.call("GETJOB", "FROM", "q"), [["q", id, "hello"]]);
    assert.equal(await client.call("ACKJOB", String(id)), 1);
    assert.equal(await client.call("SHOW", String(id)), null);
    assert.equal(await client.call("GETJOB", "NOHANG", "FROM", "q"), null);
  });

  test(`${name}: counters, statistics and errors come as they should`, async (t) => {
    const client = await open(t, await startNode(t));
    const id = await client.call("ADDJOB", "q", "x", "0");
    const fetched = await client.call("GETJOB", "WITHCOUNTERS", "FROM", "q");
    assert.deepEqual(fetched, [["q", id, "x", "nacks", 0, "additional-deliveries", 0]]);
    assert.equal(await client.call("NACK", String(id)), 1);
    const statistics = await client.call("QSTAT", "q");
    assert.ok(Array.isArray(statistics), "QSTAT is a list, never a map");
    assert.deepEqual(statistics.slice(0, 4), ["name", "q", "len", 1]);
    await assert.rejects(client.call("ACKJOB", "bad"), /BADID Invalid Job ID format/);
    await assert.rejects(client.call("NOSUCH"), /unknown command 'NOSUCH'/i);
  });
}

function testConnections(name: string, open: Open): void {
  test(`${name}: a blocked GETJOB is served by another connection`, async (t) => {
    const node = await startNode(t);
    const consumer = await open(t, node);
    const producer = await open(t, node);
    const waiting = consumer.call("GETJOB", "TIMEOUT", "10000", "FROM", "q");
    const id = await producer.call("ADDJOB", "q", "late", "0");
    assert.deepEqual(await waiting, [["q", id, "late"]]);
  });

  test(`${name}: logs in with a password`, async (t) => {
    const { port } = await startNode(t, { requirepass: "s3cret" });
    const client = await open(t, { port, password: "s3cret" });
    assert.equal(await client.call("PING"), "PONG");
  });

  test(`${name}: speaks TLS, with a certificate of its own`, async (t) => {
    const { port, files } = await startTlsNode(t);
    const client = await open(t, { port, tls: clientOptions(files.ca, files) });
    const body = "x".repeat(200_000);
    const id = await client.call("ADDJOB", "q", body, "0");
    assert.deepEqual(await client.call("GETJOB", "FROM", "q"), [["q", id, body]]);
  });

  test(`${name}: reconnects by itself when the server comes back`, async (t) => {
    const node = await startNode(t);
    const client = await open(t, node);
    assert.equal(await client.call("PING"), "PONG");
    await node.stop();
    await node.restart();
    const pong = await eventually(() => client.call("PING"), {
      what: `${name} answers again`,
      deadlineMs: 15_000,
    });
    assert.equal(pong, "PONG");
  });
}
