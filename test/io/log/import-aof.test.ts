/**
 * Importing files of the reference into a node: exactly once, refusing what is damaged, never writing to
 * them. The broker is real, the log around it is noted down only.
 */
import assert from "node:assert/strict";
import { appendFileSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Broker } from "../../../src/core/broker.ts";
import { type ImportAofParts, importReferenceAofs } from "../../../src/io/log/import-aof.ts";
import type { Logger } from "../../../src/io/logger.ts";
import { FakeHost } from "../../support/fake-host.ts";
import { delJob, loadJob, WRITTEN_MS, writtenId } from "../../support/reference-aof-writer.ts";
import { tempDir } from "../../support/temp-dir.ts";

const NODE_ID = "0123456789abcdef0123456789abcdef01234567";

/** Starts of a server in one folder: each has an empty memory, the folder stays. */
class Starts {
  readonly dir: string;
  readonly file: string;
  /** Of the last start, in order: what was logged, and "persist" and "sync". */
  said: string[] = [];
  broker = newBroker();

  constructor(dir: string) {
    this.dir = dir;
    this.file = join(dir, "disque.aof");
  }

  /** Starts with an empty memory and imports the file; how many jobs are there then. */
  async start(parts: Partial<ImportAofParts> = {}): Promise<number> {
    this.broker = newBroker();
    this.said = [];
    const note =
      (level: string) =>
      (message: string, data: object = {}) => {
        this.said.push(`${level}: ${message} ${JSON.stringify(data)}`);
      };
    const log = { notice: note("notice"), warning: note("warning") };
    await importReferenceAofs({
      broker: this.broker.broker,
      host: this.broker.host,
      log: log as unknown as Logger,
      folder: join(this.dir, "log"),
      asked: [],
      found: this.file,
      loadsTruncated: true,
      enqueuesJobs: false,
      isLogged: true,
      persist: () => {
        this.said.push("persist");
      },
      sync: async () => {
        this.said.push(`sync ${this.#hasRecords() ? "after" : "before"} the record`);
      },
      ...parts,
    });
    return this.broker.broker.index.count;
  }

  /** Whether it was logged, `pattern` in its text. */
  hasSaid(pattern: RegExp): boolean {
    return this.said.some((line) => pattern.test(line));
  }

  #hasRecords(): boolean {
    try {
      return statSync(join(this.dir, "log", "imported.json")).size > 0;
    } catch {
      return false;
    }
  }
}

function newBroker(): { host: FakeHost; broker: Broker } {
  const host = new FakeHost(1, {});
  host.wallMs = WRITTEN_MS + 10_000;
  return { host, broker: new Broker(host, { nodeId: NODE_ID, maxMemoryBytes: 0 }) };
}

async function startsWith(t: TestContext, ...records: Buffer[]): Promise<Starts> {
  const starts = new Starts(await tempDir(t));
  writeFileSync(starts.file, Buffer.concat(records));
  return starts;
}

const one = loadJob({ id: writtenId(1) });
const two = loadJob({ id: writtenId(2) });

test("a file is imported once, and noted after its jobs are safe", async (t) => {
  const starts = await startsWith(t, one, two, delJob(writtenId(1)));
  assert.equal(await starts.start(), 1);
  assert.match(
    starts.said.join("\n"),
    /^persist\nsync before the record\nnotice: imported .*"jobs":1/,
  );
  assert.equal(await starts.start(), 0);
  assert.match(starts.said.join("\n"), /^notice: not imported: it was before/);
});

test("the file is only read, and known again when it was touched or moved", async (t) => {
  const starts = await startsWith(t, one, two);
  const before = readFileSync(starts.file);
  await starts.start();
  assert.deepEqual(readFileSync(starts.file), before);
  utimesSync(starts.file, 1, 1);
  assert.equal(await starts.start(), 0);
  const moved = join(starts.dir, "moved.aof");
  writeFileSync(moved, before);
  assert.equal(await starts.start({ asked: [moved] }), 0);
});

test("what the other server appended later comes in, what was imported does not come back", async (t) => {
  const starts = await startsWith(t, one);
  await starts.start();
  appendFileSync(starts.file, two);
  assert.equal(await starts.start(), 1);
  assert.ok(starts.hasSaid(/"importedBefore":1/));
});

test("of a file that was written anew no job comes twice that is delivered at most once", async (t) => {
  const once = loadJob({ id: writtenId(3, 0), retry: 0 });
  const starts = await startsWith(t, once, two);
  assert.equal(await starts.start({ enqueuesJobs: true }), 2);
  assert.ok(starts.hasSaid(/"queued":2.*"withheld":0/));
  writeFileSync(starts.file, Buffer.concat([two, once]));
  await starts.start({ enqueuesJobs: true });
  assert.ok(starts.hasSaid(/"queued":1.*"withheld":1/));
  assert.ok(starts.hasSaid(/warning: jobs with RETRY 0 are not queued/));
});

test("without a log a file is imported at every start", async (t) => {
  const starts = await startsWith(t, one);
  for (let i = 0; i < 2; i++) {
    assert.equal(await starts.start({ isLogged: false }), 1);
    assert.ok(starts.hasSaid(/warning: there is no log/));
  }
  assert.equal(await starts.start(), 1, "nothing of it is in the log yet");
  assert.equal(await starts.start(), 0);
});

test("an import that was cut short is done again", async (t) => {
  const starts = await startsWith(t, one);
  const sync = () => Promise.reject(new Error("the machine stopped"));
  await assert.rejects(starts.start({ sync }), /cannot import .*disque\.aof: the machine stopped/);
  assert.equal(await starts.start(), 1);
});

test("a torn end is imported up to it, or refused", async (t) => {
  const starts = await startsWith(t, one, two.subarray(0, 50));
  const refused = new RegExp(`torn at offset ${one.length} .*aof-load-truncated is no`);
  await assert.rejects(starts.start({ loadsTruncated: false }), refused);
  assert.equal(await starts.start(), 1);
  assert.ok(
    starts.hasSaid(new RegExp(`warning: the end of an AOF is torn.*"offset":${one.length}`)),
  );
});

test("damage in the middle refuses the file with the offset, and nothing of it comes in", async (t) => {
  const starts = await startsWith(t, one, Buffer.from("damage"), two, Buffer.from("more"), two);
  const refused = new RegExp(
    `damaged at offset ${one.length} \\(no record begins here\\), the first of 2 places; see ringq check-log`,
  );
  await assert.rejects(starts.start(), refused);
  assert.equal(starts.broker.broker.index.count, 0);
  assert.deepEqual(starts.said, []);
});

test("a file that is asked for must be there, one that is looked for need not", async (t) => {
  const starts = new Starts(await tempDir(t));
  assert.equal(await starts.start(), 0);
  await assert.rejects(starts.start({ asked: [starts.file] }), /disque\.aof: No such file/);
  await assert.rejects(starts.start({ asked: [starts.dir] }), /not a regular file/);
});

test("a damaged list of imports stops the start", async (t) => {
  const starts = await startsWith(t, one);
  await starts.start();
  const list = join(starts.dir, "log", "imported.json");
  for (const text of ["", "{}", '{"version":1,"imports":[{}]}', '{"version":2,"imports":[]}']) {
    writeFileSync(list, text);
    await assert.rejects(starts.start(), /imported\.json is damaged/);
  }
});

test("of a file that somebody writes to meanwhile nothing stays", async (t) => {
  const starts = await startsWith(t, one);
  const left: number[] = [];
  const persist = (): void => {
    if (left.length === 0) appendFileSync(starts.file, two);
    left.push(starts.broker.broker.index.count);
  };
  await assert.rejects(starts.start({ persist }), /somebody writes to it/);
  assert.deepEqual(left, [1, 0], "what was written is taken back");
  assert.ok(starts.hasSaid(/^sync before the record/));
});

test("nothing is written of a file that changed while it was looked through", async (t) => {
  const starts = await startsWith(t, one);
  const { host } = newBroker();
  const { randomWord } = host;
  host.randomWord = () => {
    appendFileSync(starts.file, two);
    return randomWord.call(host);
  };
  const written: number[] = [];
  const persist = (): void => {
    written.push(starts.broker.broker.index.count);
  };
  await assert.rejects(starts.start({ host, persist }), /somebody writes to it/);
  assert.deepEqual(written, [0]);
});
