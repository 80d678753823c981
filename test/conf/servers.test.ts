/** Every configuration file of conf/, and those inside of other files, is accepted and starts a server. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { directives } from "../../src/config/directives.ts";
import { ENVIRONMENT_PREFIX } from "../../src/config/load.ts";
import { run } from "../process/launch.ts";
import { eventually } from "../support/eventually.ts";
import { startNode, type TestNode } from "../support/node.ts";
import { textOf } from "../support/reply.ts";
import { tempDir } from "../support/temp-dir.ts";
import { confFiles, confFolder, confText, settingsOf } from "./conf-files.ts";
import { configMap } from "./kubernetes.ts";

/** Ports that are free, and nobody to join: nodes of this machine that are no test's stay alone. */
const ALONE = {
  "http-port": "any",
  "http-bind": "127.0.0.1",
  "cluster-port": "0",
  "cluster-seeds": [""],
};
const THREE = "three-nodes/";

const files = confFiles(".conf");

test("all files are accepted, without a warning", async (t) => {
  assert.ok(files.length >= 6, files.join(" "));
  for (const path of files) settingsOf(confText(path));
  const checked = await run(t, ["--check-config", join(confFolder, "ringq.conf")]);
  assert.deepEqual(checked, { code: 0, stdout: "configuration is valid\n", stderr: "" });
});

for (const path of files.filter((file) => !file.startsWith(THREE))) {
  test(`${path} starts a server that is ready`, async (t) => {
    const node = await startNode(t, ALONE, { args: [join(confFolder, path)] });
    await isReady(node);
  });
}

test("the configuration for Kubernetes starts a server that is ready", async (t) => {
  const file = join(await tempDir(t), "ringq.conf");
  await writeFile(file, configMap["ringq.conf"]);
  await isReady(await startNode(t, ALONE, { args: [file] }));
});

test("the three nodes of the example form a cluster", async (t) => {
  const [first = "", ...others] = files.filter((file) => file.startsWith(THREE));
  const node = await startNode(t, ALONE, { args: [join(confFolder, first)] });
  const { port, busPort } = node.ports;
  const seeded = { ...ALONE, "cluster-seeds": `127.0.0.1:${port}@${busPort}` };
  await Promise.all(others.map((file) => startNode(t, seeded, { args: [join(confFolder, file)] })));
  const client = await node.client();
  const linked = async () => [
    ...textOf(await client.call("CLUSTER", "NODES")).matchAll(/ connected$/gm),
  ];
  await eventually(async () => (await linked()).length === 3, {
    what: "three nodes know one another",
    deadlineMs: 15_000,
  });
  await isReady(node);
});

async function isReady(node: TestNode): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${node.ports.httpPort}/readyz`);
  assert.deepEqual(await answer.json(), { isReady: true, reasons: [] });
}

test("variables of the environment named anywhere in conf are directives", () => {
  const names = new Set<string>(directives.map(({ name }) => name));
  const found = confFiles().flatMap((path) =>
    [...confText(path).matchAll(/\bRINGQ_CONF_([A-Z_]+)/g)].map(([variable]) => variable),
  );
  assert.ok(found.length > 10);
  for (const variable of found) {
    const name = variable.slice(ENVIRONMENT_PREFIX.length).toLowerCase().replaceAll("_", "-");
    assert.ok(names.has(name), variable);
  }
});

test("the three nodes look for one another and for nobody else", () => {
  const three = [1, 2, 3].map((n) => settingsOf(confText(`three-nodes/ringq-${n}.conf`)));
  const ports = three.map(({ port }) => port);
  for (const node of three) {
    assert.deepEqual(
      node["cluster-seeds"].map((seed) => seed.port),
      ports,
    );
    assert.deepEqual(
      node["cluster-seeds"].map((seed) => seed.busPort),
      ports.map((port) => port + 10_000),
    );
  }
  for (const name of ["port", "http-port", "dir", "cluster-zone"] as const) {
    assert.equal(new Set(three.map((node) => node[name])).size, 3, name);
  }
});
