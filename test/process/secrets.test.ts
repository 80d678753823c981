/** A password that is in use shows nowhere: not to other clients, not in what is printed, not in a crash. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { startNode } from "../support/node.ts";
import { RawClient } from "./raw-client.ts";

const SECRET = "hush-hush-42";
const NEW = "quiet-quiet-43";
const BOTH = new RegExp(`${SECRET}|${NEW}`);

test("passwords are in no list, no command line, no log and no crash report", async (t) => {
  const directives = { loglevel: "debug", "enable-debug-command": "yes", "http-port": "any" };
  const node = await startNode(
    t,
    { ...directives, "slowlog-log-slower-than": "0" },
    {
      env: { RINGQ_CONF_REQUIREPASS: SECRET, RINGQ_CONF_CLUSTER_SECRET: SECRET },
    },
  );
  const { port, ports, pid } = node;
  const watcher = await RawClient.connect(t, { port });
  assert.equal(await watcher.call("AUTH", SECRET), "OK");
  const monitor = await RawClient.connect(t, { port });
  monitor.send(["HELLO", 2, "AUTH", "default", SECRET], ["MONITOR"]);
  await monitor.readMany(2);
  const client = await RawClient.connect(t, { port });
  client.send(
    ["AUTH", `${SECRET}x`],
    ["AUTH", "default", SECRET],
    ["CONFIG", "SET", "requirepass", NEW],
    ["CONFIG", "SET", "requirepas", NEW],
    ["AUTH", NEW],
  );
  const [wrong, ...others] = await client.readMany(5);
  assert.match(String(wrong), /^-ERR invalid password/);
  assert.deepEqual([others[0], others[1], others[3]], ["OK", "OK", "OK"]);
  const lists = [
    ["CLIENT", "LIST"],
    ["INFO", "all"],
    ["SLOWLOG", "GET", 100],
  ];
  for (const list of lists) assert.doesNotMatch(JSON.stringify(await watcher.call(...list)), BOTH);
  const authorization = { headers: { authorization: `Bearer ${NEW}` } };
  for (const path of ["config", "node", "clients", "slowlog"]) {
    const answer = await fetch(`http://127.0.0.1:${ports.httpPort}/api/${path}`, authorization);
    assert.equal(answer.status, 200);
    assert.doesNotMatch(await answer.text(), BOTH);
  }
  assert.doesNotMatch(readFileSync(`/proc/${pid}/cmdline`, "latin1"), BOTH);
  client.send(["AUTH", NEW], ["CONFIG", "SET", "requirepass", SECRET], ["DEBUG", "ASSERT"]);
  await node.exited;
  assert.match(monitor.unread, /"AUTH" "\(redacted\)"/);
  assert.doesNotMatch(monitor.unread, BOTH);
  assert.match(node.log(), /unexpected error, exiting/);
  assert.doesNotMatch(node.log(), BOTH);
});
