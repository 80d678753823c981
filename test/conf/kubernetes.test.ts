/** conf/kubernetes agrees with itself, with the configuration it brings along, and with the server. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { HttpRig } from "../http/http-rig.ts";
import { tempDir } from "../support/temp-dir.ts";
import { settingsOf } from "./conf-files.ts";
import * as kube from "./kubernetes.ts";

const set = kube.objectOf<kube.StatefulSet>("StatefulSet").spec;
const pod = set.template.spec;
const podLabels = set.template.metadata.labels;
const services = kube.objectsOf<kube.Service>("Service");
const nodes = services.find(({ metadata }) => metadata.name === set.serviceName)?.spec;
const settings = settingsOf(kube.configMap["ringq.conf"], {
  RINGQ_CONF_REQUIREPASS: "a",
  RINGQ_CONF_CLUSTER_SECRET: "b",
  RINGQ_CONF_HTTP_PASSWORD: "c",
});

function container(): kube.Container {
  const [only, ...others] = pod.containers;
  assert.ok(only !== undefined && others.length === 0);
  return only;
}

function portCalled(name: string): number | undefined {
  return container().ports.find((port) => port.name === name)?.containerPort;
}

/** The script of preStop, run in a pod of this name, with programs that only say what they were told. */
async function beforeStop(t: TestContext, podName: string, replicas: string) {
  const dir = await tempDir(t);
  for (const name of ["ringq", "sleep"]) {
    await writeFile(join(dir, name), `#!/bin/sh\necho ${name} "$@"\n`, { mode: 0o755 });
  }
  await writeFile(join(dir, "replicas"), replicas);
  const script = kube.configMap["before-stop.sh"].replaceAll("/etc/ringq", dir);
  const announced = `${podName}.ringq-nodes.here.svc`;
  const env = {
    PATH: `${dir}:${process.env.PATH}`,
    POD_NAME: podName,
    RINGQ_CONF_ANNOUNCE_IP: announced,
  };
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script], { env, encoding: "utf8" });
  assert.deepEqual([status, stderr], [0, ""]);
  return stdout.trim();
}

test("ports of the pod are those the server listens on", () => {
  assert.equal(portCalled("client"), settings.port);
  assert.equal(portCalled("bus"), settings["cluster-port"] || settings.port + 10_000);
  assert.equal(portCalled("http"), settings["http-port"]);
  for (const { metadata, spec } of services) {
    for (const { name, port, targetPort } of spec.ports) {
      assert.equal(portCalled(targetPort), port, `${metadata.name} ${name}`);
    }
  }
});

test("probes ask for what needs no password, where the server lets them in", (t) => {
  const open = new HttpRig(t).routes.filter(({ method, isOpen }) => method === "GET" && isOpen);
  const { startupProbe, livenessProbe, readinessProbe } = container();
  for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
    assert.ok(
      open.some(({ path }) => path === httpGet.path),
      httpGet.path,
    );
    assert.equal(portCalled(httpGet.port), settings["http-port"]);
  }
  assert.equal(livenessProbe.httpGet.path, "/healthz", "a node that loads or leaves is alive");
  assert.equal(readinessProbe.httpGet.path, "/readyz");
  assert.ok(settings["http-bind"].includes("0.0.0.0"));
});

test("everything that selects pods selects these", () => {
  const budget = kube.objectOf<kube.DisruptionBudget>("PodDisruptionBudget").spec;
  const policy = kube.objectOf<kube.NetworkPolicy>("NetworkPolicy").spec;
  const selectors = [
    set.selector.matchLabels,
    budget.selector.matchLabels,
    policy.podSelector.matchLabels,
    ...policy.ingress.flatMap(({ from = [] }) => from.map((peer) => peer.podSelector.matchLabels)),
    ...services.map(({ spec }) => spec.selector),
  ];
  for (const selector of selectors) {
    assert.ok(Object.keys(selector).length > 0);
    assert.ok(kube.selects(selector, podLabels), JSON.stringify(selector));
  }
  assert.equal(budget.maxUnavailable, 1);
  const allowed = policy.ingress.flatMap(({ ports }) => ports.map(({ port }) => port));
  assert.deepEqual(
    allowed.sort(),
    container()
      .ports.map(({ name }) => name)
      .sort(),
  );
});

test("nodes find one another by names that exist, ready or not", () => {
  assert.deepEqual([nodes?.clusterIP, nodes?.publishNotReadyAddresses], ["None", true]);
  const names = Array.from({ length: set.replicas }, (_, n) => `ringq-${n}.${set.serviceName}`);
  assert.deepEqual(
    settings["cluster-seeds"].map(({ host }) => host),
    names,
  );
  assert.ok(settings["cluster-seeds"].every(({ busPort }) => busPort === portCalled("bus")));
  const announced = container().env.find(({ name }) => name === "RINGQ_CONF_ANNOUNCE_IP")?.value;
  assert.equal(announced, `$(POD_NAME).${set.serviceName}.$(POD_NAMESPACE).svc`);
});

test("Kubernetes adds no variables that look like ours", () => {
  assert.equal(pod.enableServiceLinks, false);
});

test("the data folder is a volume, and everything else may be read-only", () => {
  const { volumeMounts, securityContext } = container();
  const data = volumeMounts.find(({ mountPath }) => mountPath === settings.dir);
  assert.ok(set.volumeClaimTemplates.some(({ metadata }) => metadata.name === data?.name));
  assert.equal(settings.appendonly, true);
  assert.ok(securityContext.readOnlyRootFilesystem);
  const maxMegabytes = Number(/^(\d+)Mi$/.exec(container().resources.limits.memory)?.[1]);
  assert.ok(maxMegabytes * 1024 ** 2 >= settings.maxmemory * 1.5);
});

test("a pod has the time it needs to stop", () => {
  const waits = Number(/--wait (\d+)/.exec(kube.configMap["before-stop.sh"])?.[1]);
  assert.ok(pod.terminationGracePeriodSeconds >= waits + settings["shutdown-timeout"] + 15);
});

test("a pod that is restarted only lets new clients find others", async (t) => {
  const [, path = ""] = container().lifecycle.preStop.exec.command;
  assert.ok(basename(path) in kube.configMap);
  assert.equal(kube.configMap.replicas, String(set.replicas));
  assert.equal(await beforeStop(t, "ringq-2", "3"), "sleep 5");
});

test("a pod that is not wanted any more leaves the cluster first", async (t) => {
  const told = await beforeStop(t, "ringq-12", "12");
  assert.equal(told, "ringq cluster drain ringq-12.ringq-nodes.here.svc:7711 --wait 240");
});

test("Prometheus scrapes each pod once, with a password that is set", (t) => {
  const { selector, endpoints, jobLabel } =
    kube.objectOf<kube.ServiceMonitor>("ServiceMonitor").spec;
  const found = services.filter(({ metadata }) =>
    kube.selects(selector.matchLabels, metadata.labels),
  );
  assert.deepEqual(
    found.map(({ metadata }) => metadata.name),
    [set.serviceName],
  );
  assert.equal(found[0]?.metadata.labels[jobLabel], "ringq");
  const routes = new HttpRig(t).routes.map(({ path }) => path);
  for (const { port, path, authorization } of endpoints) {
    assert.ok(found[0]?.spec.ports.some(({ name }) => name === port));
    assert.ok(routes.includes(path), path);
    const variable = `RINGQ_CONF_${authorization.credentials.key.toUpperCase().replaceAll("-", "_")}`;
    assert.ok(
      container().env.some(({ name }) => name === variable),
      variable,
    );
  }
});
