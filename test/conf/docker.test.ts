/** conf/docker agrees with itself, with the repository, and with the configuration in the image. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { HttpRig } from "../http/http-rig.ts";
import { repositoryRoot } from "../support/repository-files.ts";
import { confFolder, confText, settingsOf, yamlDocuments } from "./conf-files.ts";

interface ComposeNode {
  readonly build: { readonly context: string; readonly dockerfile: string };
  readonly environment: Readonly<Record<string, string | number>>;
  readonly volumes: readonly string[];
  readonly ports: readonly string[];
  readonly stop_grace_period: string;
}

interface Compose {
  readonly services: Readonly<Record<string, ComposeNode>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const settings = settingsOf(confText("docker/ringq.conf"));
const compose = yamlDocuments("docker/compose.yaml")[0] as Compose;
/** Instructions and their arguments, continued lines joined. */
const instructions = confText("docker/Dockerfile")
  .replaceAll("\\\n", " ")
  .split("\n")
  .filter((line) => /^[A-Z]/.test(line))
  .map((line) => /^([A-Z]+)\s+(.*)$/.exec(line)?.slice(1) ?? []);

function argumentsOf(instruction: string): string[] {
  return instructions.filter(([name]) => name === instruction).map(([, text]) => text ?? "");
}

test("what the image takes from the repository is there and reaches the build", () => {
  const ignored = readFileSync(join(repositoryRoot, ".dockerignore"), "utf8").split("\n");
  const copied = argumentsOf("COPY")
    .filter((text) => !text.startsWith("--from"))
    .flatMap((text) => text.split(" ").slice(0, -1));
  assert.ok(copied.includes("conf/docker/ringq.conf"));
  for (const path of copied) {
    assert.ok(existsSync(join(repositoryRoot, path)), path);
    assert.ok(!ignored.includes(path.split("/")[0] ?? ""), path);
  }
  assert.ok(ignored.includes("node_modules") && ignored.includes("dist"));
});

test("the image opens the ports, keeps the folder and starts with the file of its configuration", () => {
  const ports = [settings.port, settings.port + 10_000, settings["http-port"]];
  assert.deepEqual(argumentsOf("EXPOSE"), [ports.join(" ")]);
  assert.deepEqual(argumentsOf("VOLUME"), [settings.dir]);
  const entry = JSON.parse(argumentsOf("ENTRYPOINT")[0] ?? "") as string[];
  const copy = argumentsOf("COPY").find((text) => text.startsWith("conf/docker/ringq.conf "));
  assert.equal(entry.at(-1), copy?.split(" ")[1]);
  const { bin } = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8"));
  assert.ok(entry.includes(`/app/${bin["ringq-server"]}`));
  for (const [name, path] of Object.entries(bin)) {
    assert.match(argumentsOf("RUN").join("\n"), new RegExp(`ln -s /app/${path} \\S+/${name} `));
  }
});

test("the health check asks whether the process lives, which needs no password", (t) => {
  const url = new URL(/http:[^']+/.exec(argumentsOf("HEALTHCHECK")[0] ?? "")?.[0] ?? "");
  assert.equal(Number(url.port), settings["http-port"]);
  const route = new HttpRig(t).routes.find(({ path }) => path === url.pathname);
  assert.equal(route?.isOpen, true);
  assert.equal(url.pathname, "/healthz");
});

test("the image runs as nobody special and is stopped in order", () => {
  assert.deepEqual(argumentsOf("USER"), ["node"]);
  assert.deepEqual(argumentsOf("STOPSIGNAL"), ["SIGTERM"]);
  assert.ok(settings["shutdown-timeout"] < 10, "docker stop waits ten seconds");
});

test("the nodes of the compose file know one another by name", () => {
  const names = Object.keys(compose.services);
  assert.equal(names.length, 3);
  for (const [name, { environment }] of Object.entries(compose.services)) {
    const ours = Object.entries(environment).filter(([variable]) =>
      variable.startsWith("RINGQ_CONF_"),
    );
    const env = Object.fromEntries(ours.map(([variable, value]) => [variable, String(value)]));
    // What compose takes from its own environment is text with blanks here; a secret has none.
    env.RINGQ_CONF_CLUSTER_SECRET = "secret";
    const node = settingsOf(confText("docker/ringq.conf"), env);
    assert.deepEqual(
      node["cluster-seeds"].map(({ host }) => host),
      names,
    );
    assert.equal(node["announce-ip"], name);
    assert.notEqual(node.requirepass, "", "strangers are kept out without one");
    assert.ok(
      Number.parseInt(compose.services[name]?.stop_grace_period ?? "", 10) >
        node["shutdown-timeout"],
    );
  }
});

test("the compose file builds from the repository and keeps data in volumes of its own", () => {
  const used = Object.values(compose.services).map(({ build, volumes, ports }) => {
    const context = join(confFolder, "docker", build.context);
    assert.equal(join(context, "."), join(repositoryRoot, "."));
    assert.ok(existsSync(join(context, build.dockerfile)));
    const inner = ports.map((port) => Number(port.split(":").at(-1)));
    assert.deepEqual(inner, [settings.port, settings["http-port"]]);
    const [volume, path] = volumes[0]?.split(":") ?? [];
    assert.equal(path, settings.dir);
    return volume;
  });
  assert.deepEqual(used, Object.keys(compose.volumes));
});
