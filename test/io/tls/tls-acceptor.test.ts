/** TLS handshakes have an end and a number, whoever is on the other side. */
import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { tcpEndpoints } from "../../../src/io/endpoints.ts";
import { TlsAcceptor, type TlsAcceptorParts } from "../../../src/io/tls/tls-acceptor.ts";
import type { TlsContext } from "../../../src/io/tls/tls-context.ts";
import { Authority, type Certificates, makeCertificates, pem } from "../../support/certificates.ts";
import { eventually, within } from "../../support/eventually.ts";
import { tempDir } from "../../support/temp-dir.ts";

interface Rig {
  readonly port: number;
  readonly files: Certificates;
  readonly acceptor: TlsAcceptor;
  /** Reasons that were logged, in order. */
  readonly reasons: string[];
  failures(): number;
}

async function rig(t: TestContext, more: Partial<TlsAcceptorParts>): Promise<Rig> {
  const files = await makeCertificates(await tempDir(t));
  const incoming = { cert: pem(files.cert), key: pem(files.key), ca: pem(files.ca) };
  const reasons: string[] = [];
  let failures = 0;
  const acceptor = new TlsAcceptor({
    context: () => context,
    rule: () => "no",
    who: "client",
    warn: (_message, { reason }) => reasons.push(String(reason)),
    nowMs: () => 0,
    touch: () => undefined,
    failed: () => {
      failures++;
    },
    ...more,
  });
  const context = { incoming } as unknown as TlsContext;
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    const endpoints = tcpEndpoints(socket);
    if (endpoints !== undefined) acceptor.accept(socket, endpoints, (ready) => ready.end("hello"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    acceptor.stop();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, files, acceptor, reasons, failures: () => failures };
}

/** Connects and says nothing; the promise is the end of it. */
function silent(t: TestContext, port: number): Promise<void> {
  const socket: Socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  socket.on("error", () => undefined).resume();
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

test("who sends nothing, or a handshake byte by byte, is gone at the deadline", async (t) => {
  const { port, acceptor, reasons, failures } = await rig(t, { handshakeMs: 200 });
  const slow = connect(port, "127.0.0.1").on("error", () => undefined);
  slow.resume();
  const gone = new Promise((resolve) => slow.once("close", resolve));
  const hello = Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]);
  let at = 0;
  const drip = setInterval(() => slow.write(hello.subarray(at % 11, (at++ % 11) + 1)), 40);
  t.after(() => clearInterval(drip));
  await within(Promise.all([silent(t, port), gone]), 3000, "both are closed");
  await eventually(() => failures() === 2, { what: "both are counted" });
  assert.equal(acceptor.count, 0);
  assert.deepEqual(reasons, ["no TLS handshake within 0.2 s"]);
});

test("of too many handshakes the oldest goes, and who speaks TLS gets in", async (t) => {
  const { port, files, acceptor, reasons } = await rig(t, { handshakesMax: 2 });
  const first = silent(t, port);
  await eventually(() => acceptor.count === 1, { what: "the first" });
  void silent(t, port);
  await eventually(() => acceptor.count === 2, { what: "the second" });
  const client = connectTls({ port, host: "127.0.0.1", ca: pem(files.ca) });
  t.after(() => client.destroy());
  const said = new Promise((resolve) => client.once("data", (bytes) => resolve(String(bytes))));
  assert.equal(await within(said, 3000, "it is greeted"), "hello");
  await within(first, 3000, "the first is closed");
  assert.deepEqual(reasons, ["too many TLS handshakes were under way"]);
});

for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
  test(`a session of ${version} with a strange certificate is judged when it is resumed`, async (t) => {
    let rule: "yes" | "no" = "yes";
    const { port, files, reasons, failures } = await rig(t, { rule: () => rule });
    const stranger = await (await Authority.make(await tempDir(t), "stranger")).issue("stranger");
    const own = { cert: pem(stranger.cert), key: pem(stranger.key), maxVersion: version };
    let session: Buffer | undefined;
    const heard = async (): Promise<string> => {
      const resumed = session === undefined ? {} : { session };
      const options = { port, host: "127.0.0.1", ca: pem(files.ca), ...own, ...resumed };
      const client = connectTls(options).on("error", () => undefined);
      t.after(() => client.destroy());
      let text = "";
      client.on("session", (given: Buffer) => {
        session = given;
      });
      client.on("data", (bytes) => {
        text += bytes;
      });
      await within(new Promise((resolve) => client.once("close", resolve)), 3000, "it is closed");
      return text;
    };
    const denial = /^-DENIED .* signed by an authority that is not trusted\r\n$/;
    assert.match(await heard(), denial);
    rule = "no";
    assert.equal(await heard(), "hello");
    assert.ok(session !== undefined);
    rule = "yes";
    assert.match(await heard(), denial);
    assert.deepEqual([failures(), reasons.length], [2, 1]);
  });
}
