/** Directives about TLS that belong together: what is missing is told at start and by CONFIG SET. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";

function problemOf(text: string): string {
  const loaded = loadConfig({ file: { path: "ringq.conf", text } });
  return "problems" in loaded ? loaded.problems.map(({ message }) => message).join("; ") : "";
}

const files = "tls-cert-file a.pem\ntls-key-file a.key\n";

test("a port with TLS needs a certificate, its key, and an authority unless nobody is asked", () => {
  assert.match(problemOf("tls-port 7712"), /^tls-cert-file is needed/);
  assert.match(problemOf("tls-port 7712\ntls-cert-file a.pem"), /^tls-key-file is needed/);
  assert.match(problemOf(`tls-port 7712\n${files}`), /^tls-ca-cert-file or tls-ca-cert-dir/);
  assert.equal(problemOf(`tls-port 7712\n${files}tls-auth-clients no`), "");
  assert.match(
    problemOf(`tls-cluster yes\n${files}tls-auth-clients no`),
    /tls-ca-cert-dir is needed/,
  );
  assert.equal(problemOf(`http-tls yes\n${files}`), "");
  assert.match(problemOf(`http-tls yes\n${files}tls-client-key-file b.key`), /belong together/);
});

test("ports must differ, and old versions of TLS are refused", () => {
  const ca = "tls-ca-cert-file ca.pem\n";
  assert.match(problemOf(`tls-port 7711\n${files}${ca}`), /tls-port must be another one/);
  assert.match(problemOf(`port 0\ntls-port 7711\nhttp-port 7711\n${files}${ca}`), /tls-port must/);
  assert.match(problemOf("tls-protocols TLSv1.1"), /older versions are not safe/);
  assert.equal(problemOf('tls-protocols "tlsv1.3 TLSv1.2"'), "");
});

test("CONFIG SET sees what belongs together at once, and puts everything back if that fails", () => {
  const config = new Config();
  assert.match(config.set([["tls-cluster", "yes"]]) ?? "", /tls-cert-file is needed/);
  assert.equal(config.settings["tls-cluster"], false);
  const seen: string[] = [];
  config.onSetAny(["tls-cert-file", "tls-key-file"], () => {
    const { "tls-cert-file": cert, "tls-key-file": key } = config.settings;
    seen.push(`${cert} ${key}`);
    return cert === "bad" ? "no" : undefined;
  });
  const pair = (name: string): [string, string][] => [
    ["tls-cert-file", name],
    ["tls-key-file", `${name}.key`],
  ];
  assert.equal(config.set(pair("a")), undefined);
  assert.equal(config.set(pair("bad")), "no");
  assert.deepEqual(seen, ["a a.key", "bad bad.key"]);
  assert.equal(config.settings["tls-cert-file"], "a");
});

test("CONFIG GET does not give a passphrase", () => {
  const config = new Config();
  assert.deepEqual(config.get("tls-key-file-pass"), [["tls-key-file-pass", ""]]);
  config.set([["tls-key-file-pass", "geheim"]]);
  assert.deepEqual(config.get("tls-key-file-pass"), [["tls-key-file-pass", "(hidden)"]]);
  assert.equal(config.isSecret("TLS-KEY-FILE-PASS"), true);
  assert.match(config.rewrite(""), /tls-key-file-pass "geheim"/);
});
