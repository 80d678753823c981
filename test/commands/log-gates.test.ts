/**
 * What commands answer while the log is loaded, while it cannot be written, and when it is to be rewritten.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type JobLog, noLog } from "../../src/commands/job-log.ts";
import { FakeServer } from "../support/fake-server.ts";

const LOADING = "-LOADING Disque is loading the dataset in memory";

/** A server whose log is like this. */
function serverWith(log: Partial<JobLog>): FakeServer {
  return new FakeServer({ log: { ...noLog, ...log } });
}

test("while the disk refuses, so do write commands, in the system's words; nothing else does", () => {
  const client = serverWith({ refusal: "No space left on device" }).connect();
  const misconf = "-MISCONF Errors writing to the AOF file: No space left on device";
  const writes = [
    ["ADDJOB", "q", "x", "0"],
    ["GETJOB", "NOHANG", "FROM", "q"],
    ["ACKJOB", "bad-id"],
    ["FASTACK", "bad-id"],
    ["DELJOB", "bad-id"],
    ["ENQUEUE", "bad-id"],
    ["DEQUEUE", "bad-id"],
    ["NACK", "bad-id"],
    ["WORKING", "bad-id"],
    ["DEBUG", "FLUSHALL"],
    ["CLUSTER", "RESET", "HARD"],
  ];
  for (const command of writes) assert.equal(client.send(...command), misconf);
  assert.equal(client.send("PING"), "+PONG");
  assert.equal(client.send("DEBUG", "CHECK"), "+OK");
  assert.match(String(client.send("CLUSTER", "MYID")), /[0-9a-f]{40}/);
  assert.equal(client.send("QLEN", "q"), ":0");
  assert.match(String(client.send("INFO", "server")), /run_id/);
});

test("while it is loaded, only what is flagged so answers, and PING", () => {
  const client = serverWith({ isLoading: true }).connect();
  assert.equal(client.send("ADDJOB", "q", "x", "0"), LOADING);
  assert.equal(client.send("QLEN", "q"), LOADING);
  assert.equal(client.send("CONFIG", "GET", "port"), LOADING);
  assert.equal(client.send("PING"), "+PONG");
  assert.match(String(client.send("INFO", "persistence")), /aof_state/);
  assert.ok(Array.isArray(client.send("COMMAND", "INFO", "ping")));
});

test("INFO shows how far loading is, and that the log counts as off until then", () => {
  let startedWallMs = 0;
  const server = serverWith({
    figures: () => ({
      ...noLog.figures(),
      state: "on",
      loading: { startedWallMs, totalBytes: 4000, loadedBytes: 1000 },
    }),
  });
  startedWallMs = server.host.wallMs;
  server.advance(2000);
  const text = String(server.connect().send("INFO", "persistence"));
  const wanted = [
    "loading:1",
    "aof_enabled:0",
    "aof_state:off",
    "loading_total_bytes:4000",
    "loading_loaded_bytes:1000",
    "loading_loaded_perc:25.00",
    "loading_eta_seconds:6",
  ];
  for (const line of wanted) assert.ok(text.includes(line), line);
  assert.ok(!text.includes("aof_current_size"));
});

test("INFO shows the sizes of a log that is on, and none of one that is off", () => {
  const figures = { ...noLog.figures(), state: "on", bytes: 700, baseBytes: 500 } as const;
  const text = String(
    serverWith({ figures: () => figures })
      .connect()
      .send("INFO", "persistence"),
  );
  for (const line of ["loading:0", "aof_enabled:1", "aof_current_size:700", "aof_base_size:500"]) {
    assert.ok(text.includes(line), line);
  }
  assert.ok(!text.includes("loading_"));
  const off = String(new FakeServer().connect().send("INFO", "persistence"));
  assert.ok(off.includes("aof_enabled:0") && !off.includes("aof_current_size"));
});

test("BGREWRITEAOF says whether it has begun", () => {
  const begun = "+Background append only file rewriting started";
  assert.equal(
    serverWith({ rewrite: () => true })
      .connect()
      .send("BGREWRITEAOF"),
    begun,
  );
  const underWay = "-ERR Background append only file rewriting already in progress";
  assert.equal(
    serverWith({ rewrite: () => false })
      .connect()
      .send("BGREWRITEAOF"),
    underWay,
  );
});

test("SHUTDOWN REWRITE-AOF goes on when the log cannot be written", () => {
  const server = serverWith({ rewriteNow: () => "No space left on device" });
  const failed = "-ERR Errors trying to SHUTDOWN. Check logs.";
  assert.equal(server.connect().send("SHUTDOWN", "rewrite-aof"), failed);
  assert.deepEqual(server.host.calls, []);
  const other = serverWith({ rewriteNow: () => undefined });
  other.connect().send("SHUTDOWN", "REWRITE-AOF");
  assert.deepEqual(other.host.calls, ["shutdown"]);
});
