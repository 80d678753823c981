/**
 * Putting file, environment and flags together: precedence, the reference's error texts, ignored
 * directives.
 *
 * What a single kind of value accepts is tested in kinds.test.ts.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFlags } from "../../src/config/flags.ts";
import { describeOrigin } from "../../src/config/problem.ts";
import { configOf, filesOf, messagesOf, problemsOf } from "./sources.ts";

const flags = (...argv: string[]) => parseFlags(argv).statements;

test("without any source the defaults hold", () => {
  const config = configOf("");
  assert.equal(config.settings.port, 7711);
  assert.equal(config.settings.maxmemory, 1024 ** 3);
  assert.equal(config.settings["maxmemory-policy"], "acks");
  assert.equal(config.settings.appendonly, false);
  assert.deepEqual(config.settings.bind, []);
  assert.equal(config.settings["protected-mode"], true);
  assert.equal(config.settings["max-job-size"], 512 * 1024 * 1024);
  assert.equal(config.settings["enable-debug-command"], "local");
  assert.deepEqual(config.originOf("port"), { from: "default" });
  assert.deepEqual(config.warnings, []);
});

test("the default directory can be given", () => {
  assert.equal(configOf("", { defaultDir: "./data" }).settings.dir, "./data");
  assert.equal(configOf("dir /tmp", { defaultDir: "./data" }).settings.dir, "/tmp");
});

test("flags win over the environment, the environment over the file, later lines over earlier ones", () => {
  const text = "port 1\nport 2\ntimeout 2\nhz 20\nmaxclients 2";
  const env = { RINGQ_CONF_PORT: "3", RINGQ_CONF_TIMEOUT: "3", PORT: "9", RINGQ_PORT: "9" };
  const config = configOf(text, { env, flags: flags("--port", "4", "--slowlog-max-len", "4") });
  assert.equal(config.settings.port, 4);
  assert.equal(config.settings.timeout, 3);
  assert.equal(config.settings.maxclients, 2);
  assert.equal(config.settings["slowlog-max-len"], 4);
  assert.equal(describeOrigin(config.originOf("port")), "--port");
  assert.equal(describeOrigin(config.originOf("timeout")), "RINGQ_CONF_TIMEOUT");
  assert.equal(describeOrigin(config.originOf("maxclients")), "ringq.conf:5");
  assert.equal(describeOrigin(config.originOf("dir")), "the default");
});

test("what one source took from another is reported", () => {
  const env = { RINGQ_CONF_PORT: "3" };
  const config = configOf("port 1\nport 2", { env, flags: flags("--port", "4") });
  assert.deepEqual(
    config.overrides.map(({ name, winner, loser }) => [
      name,
      describeOrigin(winner),
      describeOrigin(loser),
    ]),
    [
      ["port", "RINGQ_CONF_PORT", "ringq.conf:2"],
      ["port", "--port", "RINGQ_CONF_PORT"],
    ],
  );
});

test("variables take lists in one value, any bytes, and statements", () => {
  const env = {
    RINGQ_CONF_BIND: "127.0.0.1 -::1",
    RINGQ_CONF_REQUIREPASS: "p\u00e4ss 'word",
    RINGQ_CONF_CLIENT_OUTPUT_BUFFER_LIMIT: "normal 1mb 0 0",
    RINGQ_CONF_INCLUDE: "'more 1.conf'",
    RINGQ_CONF_RENAME_COMMAND: 'debug ""',
    RINGQ_CONF_LOGFILE: undefined,
  };
  const config = configOf("", { env, readFile: filesOf({ "more 1.conf": "timeout 5" }) });
  assert.deepEqual(config.settings.bind, ["127.0.0.1", "-::1"]);
  assert.equal(Buffer.from(config.settings.requirepass, "latin1").toString(), "p\u00e4ss 'word");
  assert.equal(config.settings["client-output-buffer-limit"].hardBytes, 1024 * 1024);
  assert.equal(config.settings.timeout, 5);
  assert.deepEqual(config.renames, [{ from: "debug", to: "" }]);
});

test("problems of variables and flags name the variable and the flag", () => {
  const env = { RINGQ_CONF_PRT: "1", RINGQ_CONF_TIMEOUT: "", RINGQ_CONF_RENAME_COMMAND: "'" };
  assert.deepEqual(messagesOf("", { env, flags: flags("--port", "x", "--daemonize") }), [
    "RINGQ_CONF_PRT: Bad directive or wrong number of arguments",
    "RINGQ_CONF_RENAME_COMMAND: Bad directive or wrong number of arguments",
    "RINGQ_CONF_TIMEOUT: Invalid timeout value",
    "--port: Invalid port",
    "--daemonize: Bad directive or wrong number of arguments",
  ]);
});

test("bad values have the reference's texts", () => {
  const cases: Record<string, string> = {
    nosuch: "Bad directive or wrong number of arguments",
    '""': "Bad directive or wrong number of arguments",
    port: "Bad directive or wrong number of arguments",
    "port 1 2": "Bad directive or wrong number of arguments",
    bind: "Bad directive or wrong number of arguments",
    "client-output-buffer-limit normal 0 0": "Bad directive or wrong number of arguments",
    "watchdog-period 5": "Bad directive or wrong number of arguments",
    "rename-command a": "Bad directive or wrong number of arguments",
    "daemonize maybe": "argument must be 'yes' or 'no'",
    "timeout -1": "Invalid timeout value",
    "tcp-keepalive -1": "Invalid tcp-keepalive value",
    "port 65536": "Invalid port",
    "tcp-backlog -1": "Invalid backlog value",
    [`bind ${"1.1.1.1 ".repeat(17)}`]: "Too many bind addresses specified",
    "unixsocketperm 1000": "Invalid socket file permissions",
    "loglevel loud": "Invalid log level. Must be one of debug, verbose, notice, warning",
    "syslog-facility x": "Invalid log facility. Must be one of USER or between LOCAL0-LOCAL7",
    "databases 0": "Invalid number of databases",
    "maxclients 0": "Invalid max clients limit",
    "maxmemory 1tb": "You need to specify a memory limit greater than zero",
    "maxmemory-policy allkeys-lru": "Invalid maxmemory policy",
    "maxmemory-samples 0": "maxmemory-samples must be 1 or greater",
    "appendfilename a/b": "appendfilename can't be a path, just a filename",
    "appendfsync never": "argument must be 'no', 'always' or 'everysec'",
    "auto-aof-rewrite-percentage -1": "Invalid negative percentage for AOF auto rewrite",
    [`requirepass ${"a".repeat(513)}`]: "Password is longer than CONFIG_AUTHPASS_MAX_LEN",
    "cluster-node-timeout 0": "cluster node timeout must be 1 or greater",
    "latency-monitor-threshold -1": "The latency threshold can't be negative",
    "client-output-buffer-limit slave 0 0 0": "Unrecognized client limit class",
    "client-output-buffer-limit normal 0 0 -1":
      "Negative number of seconds in soft limit is invalid",
    "slowlog-max-len abc": "argument must be a whole number",
    "port abc": "Invalid port",
    'dir ""': "argument must not be empty",
  };
  for (const [line, message] of Object.entries(cases)) {
    assert.deepEqual(messagesOf(line), [`ringq.conf:1: ${message}`], line);
  }
});

test("every problem is reported at once, with a hint", () => {
  const problems = problemsOf(
    "port x\nmaxmemroy 1gb\ntimeout 1\nhz x\nrename-command\nwatchdog-period 1",
  );
  assert.deepEqual(
    problems.map((problem) => problem.hint),
    [
      "port takes a number from 0 to 65535",
      "there is no such directive; did you mean maxmemory?",
      "hz takes a number from 1 to 500",
      'rename-command takes the name of a command and its new name, or "" to remove it',
      "watchdog-period can only be changed with CONFIG SET",
    ],
  );
  assert.equal(problemsOf("xyzzy 1")[0]?.hint, "there is no such directive");
});

test("directives of Redis are accepted with one warning that names each once", () => {
  const text = 'save 900 1\nsave ""\ncluster-enabled yes\nrepl-timeout 60\ndatabases 16\nport 1';
  const config = configOf(text, {
    env: { RINGQ_CONF_RDBCHECKSUM: "no" },
    flags: flags("--save", ""),
  });
  assert.deepEqual(config.warnings, [
    "accepted in the configuration, but without effect in ringq: " +
      "save, cluster-enabled, repl-timeout, databases, rdbchecksum",
  ]);
  assert.equal(config.settings.port, 1);
});

test("commands are renamed in order, and only existing ones to free names", () => {
  const commandNames = ["GETJOB", "addjob", "debug"];
  const config = configOf(
    'RENAME-COMMAND Debug ""\nrename-command addjob PUSH\nrename-command push addjob',
    {
      commandNames,
    },
  );
  assert.deepEqual(config.renames, [
    { from: "debug", to: "" },
    { from: "addjob", to: "push" },
    { from: "push", to: "addjob" },
  ]);
  const text =
    'rename-command nosuch x\nrename-command debug getjob\nrename-command debug ""\nrename-command debug x';
  assert.deepEqual(messagesOf(text, { commandNames }), [
    "ringq.conf:1: No such command in rename-command",
    "ringq.conf:2: Target command name already exists",
    "ringq.conf:4: No such command in rename-command",
  ]);
  assert.deepEqual(configOf("rename-command nosuch x").renames, [{ from: "nosuch", to: "x" }]);
});

test("a line that renames in vain says why, and where the other one is", () => {
  const text = [
    'rename-command debug ""',
    "rename-command pnig x",
    "rename-command addjob put",
    "rename-command ping PUT",
    "rename-command ping info",
    'rename-command ping "a b"',
  ].join("\n");
  const commandNames = ["debug", "ping", "addjob", "info"];
  const problems = problemsOf(text, {
    commandNames,
    flags: flags("--rename-command", "debug", "x"),
  });
  assert.deepEqual(
    problems.map(({ hint }) => hint),
    [
      "there is no command pnig; did you mean ping?",
      "another command got the name put before, at ringq.conf:3",
      "there is a command info; name it otherwise or remove it in an earlier line",
      "a name takes up to 128 letters, digits and signs of ASCII, without blanks",
      "debug was renamed or removed before, at ringq.conf:1",
    ],
  );
  assert.equal(problems.at(-1)?.message, "No such command in rename-command");
});

test("a bus port that is the client port is a problem, named where it was written", () => {
  const [problem] = problemsOf("port 7000\ncluster-port 7000");
  assert.ok(problem);
  assert.equal(describeOrigin(problem.origin), "ringq.conf:2");
  assert.match(problem.message, /another one than port/);
  assert.equal(configOf("port 7000\ncluster-port 7001").settings["cluster-port"], 7001);
});

test("seeds without a port for other nodes are a problem", () => {
  const text = "port 60000\ncluster-seeds 10.0.0.1:7711";
  assert.match(problemsOf(text)[0]?.message ?? "", /cluster-seeds needs cluster-port/);
  assert.deepEqual(configOf(`${text}\ncluster-port 7000`).warnings, []);
  assert.deepEqual(configOf("port 60000").warnings, []);
});
