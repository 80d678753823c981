/**
 * The proxies between nodes do what they say: links that are cut, silent one way or slow look so.
 */
import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { encodeGreeting } from "../../src/io/bus/greeting.ts";
import { startCluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { FAIR, TcpProxy } from "./tcp-proxy.ts";

const DIALLER = "a".repeat(40);
const greeting = encodeGreeting({
  versionMin: 1,
  versionMax: 1,
  hasSecret: false,
  nodeId: DIALLER,
  incarnation: 1,
  nonce: Buffer.alloc(32),
});

/** A proxy before a server that sends everything back, and a connection through it. */
async function echo(t: TestContext) {
  const ends = new Set<Socket>();
  const server = createServer((socket) => {
    ends.add(socket);
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy = new TcpProxy();
  await proxy.start();
  proxy.targetPort = (server.address() as AddressInfo).port;
  const received = { text: "", error: "" };
  const socket = connect(proxy.port, "127.0.0.1");
  socket.on("data", (chunk: Buffer) => {
    received.text += chunk.toString("latin1");
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    received.error = error.code ?? "";
  });
  t.after(() => {
    proxy.stop();
    socket.destroy();
    for (const end of ends) end.destroy();
    server.close();
  });
  socket.write(greeting);
  await eventually(() => received.text.length === greeting.length, {
    what: "the greeting is back",
  });
  received.text = "";
  return { proxy, socket, received };
}

test("what was sent in a silence arrives after it, in order, in both directions", async (t) => {
  const { proxy, socket, received } = await echo(t);
  proxy.setWeather(DIALLER, { ...FAIR, isSilentTowards: true });
  socket.write("one ");
  proxy.setWeather(DIALLER, { ...FAIR, isSilentFrom: true });
  socket.write("two");
  await eventually(() => socket.bytesWritten === greeting.length + 7, { what: "it is sent" });
  assert.equal(received.text, "");
  proxy.setWeather(DIALLER, FAIR);
  await eventually(() => received.text === "one two", { what: "it arrives" });
});

test("a delay holds for both directions, and the end of a stream comes last", async (t) => {
  const { proxy, socket, received } = await echo(t);
  proxy.setWeather(DIALLER, { ...FAIR, delayMs: 60 });
  const startMs = performance.now();
  socket.end("last words");
  await eventually(() => socket.readableEnded, { what: "the stream ends" });
  assert.equal(received.text, "last words");
  assert.ok(performance.now() - startMs >= 119);
});

test("a cut resets connections, and new ones too", async (t) => {
  const { proxy, socket, received } = await echo(t);
  proxy.setWeather(DIALLER, { ...FAIR, isCut: true });
  await eventually(() => socket.destroyed, { what: "it is reset" });
  assert.equal(received.error, "ECONNRESET");
  const again = connect(proxy.port, "127.0.0.1");
  let error = "";
  again.on("error", (reason: NodeJS.ErrnoException) => {
    error = reason.code ?? "";
  });
  again.write(greeting);
  await eventually(() => error === "ECONNRESET", { what: "the new one is reset" });
});

test("nodes behind proxies miss one another when a link is cut or silent, and are back after it", async (t) => {
  const cluster = await startCluster(t, 3, {
    isProxied: true,
    directives: { "cluster-node-timeout": "500" },
  });
  for (const harm of ["cut", "silence"] as const) {
    cluster.links[harm](0, 1);
    await cluster.suspects(0, [1]);
    await cluster.suspects(1, [0]);
    cluster.links.heal(0, 1);
    await cluster.isWhole();
  }
  cluster.links.silenceOneWay(0, 2);
  await cluster.suspects(2, [0]);
  cluster.links.heal(0, 2);
  await cluster.isWhole();
});
