/**
 * CONFIG GET and SET, hooks, and the reload on SIGHUP.
 *
 * The expectations of the first tests are those of the recorded conversations with the reference.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Config } from "../../src/config/config.ts";
import { configOf, filesOf } from "./sources.ts";

/** The only value CONFIG GET answers for this name. */
function value(config: Config, name: string): string | undefined {
  const found = config.get(name);
  return found.length === 1 ? found[0]?.[1] : undefined;
}

const set = (config: Config, name: string, text: string) => config.set([[name, text]]);

test("CONFIG GET shows canonical texts", () => {
  const config = configOf(
    "maxmemory 64mb\nDAEMONIZE YES\nbind 127.0.0.1  ::1\nappendfsync ALWAYS\nport 0",
  );
  assert.equal(value(config, "maxmemory"), "67108864");
  assert.equal(value(config, "daemonize"), "yes");
  assert.equal(value(config, "bind"), "127.0.0.1 ::1");
  assert.equal(value(config, "appendfsync"), "always");
  assert.equal(value(config, "port"), "0");
  assert.equal(value(config, "unixsocketperm"), "0");
  assert.equal(value(config, "tcp-keepalive"), "no");
  assert.equal(value(config, "client-output-buffer-limit"), "normal 0 0 0");
  assert.equal(value(config, "appendfilename"), "disque.aof");
});

test("CONFIG GET matches patterns with case, in the reference's order", () => {
  const config = new Config();
  assert.deepEqual(config.get("maxmem*"), [
    ["maxmemory", "1073741824"],
    ["maxmemory-samples", "5"],
    ["maxmemory-policy", "acks"],
  ]);
  assert.deepEqual(config.get("aof-*"), [
    ["aof-rewrite-incremental-fsync", "yes"],
    ["aof-load-truncated", "yes"],
    ["aof-enqueue-jobs-once", "no"],
  ]);
  assert.deepEqual(config.get("[lmn]axmemory"), [["maxmemory", "1073741824"]]);
  assert.equal(config.get("*")[0]?.[0], "requirepass");
  for (const none of ["nosuch", "MAXMEMORY", "rename-command", "include", ""]) {
    assert.deepEqual(config.get(none), [], none);
  }
});

test("CONFIG GET of a Redis directive without effect is empty, patterns do not find it", () => {
  const config = configOf("save 900 1");
  assert.deepEqual(config.get("save"), [["save", ""]]);
  assert.deepEqual(config.get("replica-read-only"), [["replica-read-only", ""]]);
  assert.deepEqual(config.get("sav?"), []);
  assert.ok(!config.get("*").some(([name]) => name === "save"));
});

test("CONFIG SET changes the settings and takes names in any case", () => {
  const config = new Config();
  const { settings } = config;
  assert.equal(set(config, "MaxMemory", "2gb"), undefined);
  assert.equal(settings.maxmemory, 2 * 1024 ** 3);
  assert.equal(set(config, "hz", "9999"), undefined);
  assert.equal(value(config, "hz"), "500");
  assert.equal(set(config, "tcp-keepalive", "60"), undefined);
  assert.equal(value(config, "tcp-keepalive"), "60");
  assert.equal(set(config, "slowlog-log-slower-than", "-1"), undefined);
  assert.equal(set(config, "no-appendfsync-on-rewrite", "yes"), undefined);
  assert.equal(set(config, "auto-aof-rewrite-min-size", "1mb"), undefined);
  assert.equal(set(config, "maxmemory", "0"), undefined);
  assert.deepEqual(config.originOf("maxmemory"), { from: "set" });
});

test("CONFIG SET refuses with the reference's texts and changes nothing", () => {
  const config = new Config();
  for (const name of ["nosuch", "port", "bind", "logfile", "appendfilename", "save", "include"]) {
    assert.equal(set(config, name, "1"), `Unsupported CONFIG parameter: ${name}`);
  }
  const bad: [string, string][] = [
    ["maxmemory", "abc"],
    ["timeout", "-1"],
    ["maxclients", "0"],
    ["client-output-buffer-limit", "normal 1 2"],
    ["requirepass", "a".repeat(513)],
    ["Cluster-Node-Timeout", "0"],
  ];
  for (const [name, text] of bad) {
    assert.equal(set(config, name, text), `Invalid argument '${text}' for CONFIG SET '${name}'`);
  }
  assert.match(set(config, "appendonly", "maybe") ?? "", /Invalid argument 'maybe'/);
  assert.equal(set(config, "appendonly", "no"), undefined);
  assert.deepEqual(config.get("*"), new Config().get("*"));
});

test("hooks hear of the new and the old value and see the new settings", () => {
  const config = new Config();
  const heard: unknown[] = [];
  config.onSet("maxmemory", (now, before) => {
    heard.push(now, before, config.settings.maxmemory);
    return undefined;
  });
  set(config, "maxmemory", "1kb");
  set(config, "timeout", "5");
  assert.deepEqual(heard, [1024, 1024 ** 3, 1024]);
});

test("a hook's refusal is the error, and the old value stays", () => {
  const config = configOf("maxclients 100");
  const text =
    "The operating system is not able to handle the specified number of clients, try with 50";
  config.onSet("maxclients", () => text);
  assert.equal(set(config, "maxclients", "200"), text);
  assert.equal(config.settings.maxclients, 100);
  assert.equal(config.originOf("maxclients").from, "file");
});

test("several pairs are set all or not at all", () => {
  const config = new Config();
  const calls: string[] = [];
  const note = (name: string) => (now: number, before: number) => {
    calls.push(`${name} ${before}->${now}`);
    return undefined;
  };
  config.onSet("timeout", note("timeout"));
  config.onSet("maxclients", note("maxclients"));
  config.onSet("maxclients", (now) => (now > 500 ? "too many" : undefined));
  const pair = (name: string, text: string): [string, string] => [name, text];

  assert.equal(config.set([pair("timeout", "1"), pair("maxclients", "400")]), undefined);
  assert.deepEqual(calls.splice(0), ["timeout 0->1", "maxclients 10000->400"]);

  assert.equal(
    config.set([pair("timeout", "9"), pair("nosuch", "1")]),
    "Unsupported CONFIG parameter: nosuch",
  );
  assert.deepEqual(calls, [], "nothing is applied before everything is valid");

  assert.equal(config.set([pair("timeout", "8"), pair("maxclients", "501")]), "too many");
  assert.deepEqual(calls.splice(0), [
    ...["timeout 1->8", "maxclients 400->501"],
    ...["maxclients 501->400", "timeout 8->1"],
  ]);
  assert.equal(config.settings.timeout, 1);
  assert.equal(config.settings.maxclients, 400);
  assert.equal(config.set([]), undefined);
});

test("what a value turned out to be is shown, but only dir is rewritten so", () => {
  const config = configOf("dir data\nmaxclients 100000");
  config.settle("dir", "/srv/data");
  config.settle("maxclients", 4000);
  assert.equal(value(config, "dir"), "/srv/data");
  assert.equal(value(config, "maxclients"), "4000");
  assert.equal(config.rewrite("maxclients 1\ndir x"), 'maxclients 100000\ndir "/srv/data"\n');
});

test("a hook may settle the value it was called for", () => {
  const config = new Config();
  config.onSet("dir", (dir) => {
    config.settle("dir", `/srv/${dir}`);
    return undefined;
  });
  assert.equal(set(config, "dir", "b"), undefined);
  assert.equal(config.settings.dir, "/srv/b");
});

test("a problem found in use points to where the value was written, without secrets", () => {
  const config = configOf("\nlogfile /no/where\nrequirepass secret");
  assert.deepEqual(config.problemWith("logfile", "Can't open the log file: No such file"), {
    origin: { from: "file", file: "ringq.conf", line: 2 },
    text: 'logfile "/no/where"',
    message: "Can't open the log file: No such file",
    hint: "",
  });
  assert.equal(config.problemWith("requirepass", "x").text, "requirepass (hidden)");
  assert.equal(config.isSecret("RequirePass"), true);
  assert.equal(config.isSecret("requirepas"), true);
  assert.equal(config.isSecret("masterauth"), true);
  assert.equal(config.isSecret("maxmemory"), false);
  assert.equal(config.isSecret("tls-auth-clients"), false);
});

test("a reload takes over what changed in the file and nothing else", () => {
  const config = configOf("timeout 1\nmaxclients 100\nloglevel debug\nport 7711");
  set(config, "maxclients", "50");
  set(config, "loglevel", "warning");
  const heard: number[] = [];
  config.onSet("timeout", (now) => {
    heard.push(now);
    return undefined;
  });
  const next = configOf("maxclients 100\ntimeout 2\nport 7712\nrename-command debug x");
  assert.deepEqual(config.reload(next), {
    changed: ["timeout", "loglevel"],
    needRestart: ["port", "rename-command"],
    error: "",
  });
  assert.deepEqual(heard, [2]);
  assert.equal(config.settings.timeout, 2);
  assert.equal(config.settings.maxclients, 50);
  assert.equal(config.settings.loglevel, "notice");
  assert.equal(config.settings.port, 7711);
  assert.deepEqual(config.renames, []);
  assert.equal(config.originOf("loglevel").from, "default");
  assert.deepEqual(config.reload(next).changed, []);
});

test("a reload that a hook refuses changes nothing and may be tried again", () => {
  const config = configOf("timeout 1\nmaxclients 100");
  let refusal: string | undefined = "not now";
  config.onSet("maxclients", () => refusal);
  const next = configOf("timeout 2\nmaxclients 200");
  assert.deepEqual(config.reload(next), { changed: [], needRestart: [], error: "not now" });
  assert.equal(config.settings.timeout, 1);
  refusal = undefined;
  assert.deepEqual(config.reload(next).changed, ["maxclients", "timeout"]);
});

test("a reload sees changes in included files", () => {
  const before = configOf("include a.conf", { readFile: filesOf({ "a.conf": "timeout 1" }) });
  const after = configOf("include a.conf", { readFile: filesOf({ "a.conf": "timeout 2" }) });
  assert.deepEqual(before.reload(after).changed, ["timeout"]);
  assert.equal(before.settings.timeout, 2);
});

test("a setting named twice in one CONFIG SET is refused", () => {
  const config = new Config();
  const twice = [
    ["hz", "20"],
    ["HZ", "30"],
  ] as const;
  assert.equal(config.set(twice), "Duplicate CONFIG parameter: HZ");
  assert.deepEqual(config.get("hz"), new Config().get("hz"));
});
