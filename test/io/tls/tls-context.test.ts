/** What TLS is made with: which authorities are trusted, which certificate is shown to whom, which sessions go on. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ConnectionOptions, connect, createServer, type TlsOptions } from "node:tls";
import { defaultState } from "../../../src/config/config.ts";
import type { Settings } from "../../../src/config/directives.ts";
import { makeTlsContext } from "../../../src/io/tls/tls-context.ts";
import {
  Authority,
  type CertificateFiles,
  type Certificates,
  pem,
} from "../../support/certificates.ts";
import { within } from "../../support/eventually.ts";
import { tempDir } from "../../support/temp-dir.ts";

const DEADLINE_MS = 3000;

/** Settings with this certificate. */
function settingsOf({ cert, key, ca }: Certificates, more: Partial<Settings> = {}): Settings {
  const files = { "tls-cert-file": cert, "tls-key-file": key, "tls-ca-cert-file": ca };
  return { ...(defaultState().values as Settings), ...files, ...more };
}

function serialOf({ cert }: CertificateFiles): string {
  return new X509Certificate(pem(cert)).serialNumber;
}

/** A server that greets everybody with the serial number of the certificate it was shown. */
async function listen(t: TestContext, options: TlsOptions): Promise<number> {
  const server = createServer({ ...options, requestCert: true, rejectUnauthorized: true });
  server.on("secureConnection", (socket) => {
    socket.on("error", () => undefined).end(socket.getPeerCertificate().serialNumber);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

interface Meeting {
  /** Serial numbers of the certificates that each side was shown. */
  readonly fromServer: string;
  readonly fromClient: string;
  readonly isResumed: boolean;
  /** The last session that the server gave. */
  readonly session: Buffer | undefined;
}

/** Connects and waits for the end; rejects when one of both sides refuses. */
function meet(t: TestContext, port: number, options: ConnectionOptions): Promise<Meeting> {
  const met = new Promise<Meeting>((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ...options });
    t.after(() => socket.destroy());
    let session: Buffer | undefined;
    let fromClient = "";
    socket.on("session", (given: Buffer) => {
      session = given;
    });
    socket.on("data", (bytes) => {
      fromClient += bytes;
    });
    socket.once("error", reject);
    socket.once("end", () => {
      const fromServer = socket.getPeerCertificate().serialNumber;
      resolve({ fromServer, fromClient, isResumed: socket.isSessionReused(), session });
    });
  });
  return within(met, DEADLINE_MS, "both have met");
}

test("authorities in the files of a folder are trusted, whatever else is in it", async (t) => {
  const dir = await tempDir(t);
  const authority = await Authority.make(dir);
  const second = await Authority.make(dir, "second");
  const files = await authority.issue("node");
  const folder = join(dir, "trusted");
  mkdirSync(join(folder, "sub"), { recursive: true });
  const settings = settingsOf(files, { "tls-ca-cert-file": "", "tls-ca-cert-dir": folder });
  assert.throws(
    () => makeTlsContext(settings),
    /tls-ca-cert-dir .*trusted: there is no certificate/,
  );
  writeFileSync(join(folder, "README"), "no certificate");
  writeFileSync(join(folder, "one.pem"), pem(authority.file));
  const one = makeTlsContext(settings);
  const guest = await second.issue("guest");
  const asGuest = { cert: pem(guest.cert), key: pem(guest.key), ca: pem(authority.file) };
  const refused = await meet(t, await listen(t, one.incoming), asGuest).catch(() => undefined);
  assert.equal(refused?.fromClient ?? "", "");
  writeFileSync(join(folder, "two.pem"), pem(second.file));
  const port = await listen(t, makeTlsContext(settings).incoming);
  assert.equal((await meet(t, port, asGuest)).fromClient, serialOf(guest));
  const gone = { ...settings, "tls-ca-cert-dir": join(dir, "nowhere") };
  assert.throws(() => makeTlsContext(gone), /tls-ca-cert-dir .*nowhere: No such file/);
});

test("to other nodes the client's certificate is shown, to clients the node's own", async (t) => {
  const authority = await Authority.make(await tempDir(t));
  const own = await authority.issue("node");
  const client = await authority.issue("client", { passphrase: "geheim" });
  const plain = makeTlsContext(settingsOf(own));
  const both = settingsOf(own, {
    "tls-client-cert-file": client.cert,
    "tls-client-key-file": client.key,
    "tls-client-key-file-pass": "geheim",
  });
  const two = makeTlsContext(both);
  const port = await listen(t, two.incoming);
  const first = await meet(t, port, { secureContext: plain.outgoing });
  assert.deepEqual([first.fromServer, first.fromClient], [serialOf(own), serialOf(own)]);
  const second = await meet(t, port, { secureContext: two.outgoing });
  assert.deepEqual([second.fromServer, second.fromClient], [serialOf(own), serialOf(client)]);
  const wrong = { ...both, "tls-client-key-file": own.key, "tls-client-key-file-pass": "" };
  assert.throws(() => makeTlsContext(wrong), /tls-client-key-file .*node.key: it is not the key/);
});

for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
  test(`a session of ${version} goes on where it may, and not with new certificates`, async (t) => {
    const files = await (await Authority.make(await tempDir(t))).issue("node");
    const settings = settingsOf(files, { "tls-protocols": [version] });
    const options = { cert: pem(files.cert), key: pem(files.key), ca: pem(files.ca) };
    const port = await listen(t, makeTlsContext(settings).incoming);
    const { session, isResumed } = await meet(t, port, options);
    assert.ok(session !== undefined && !isResumed);
    const again = await meet(t, port, { ...options, session });
    assert.deepEqual([again.isResumed, again.fromClient], [true, serialOf(files)]);
    const renewed = await listen(t, makeTlsContext(settings).incoming);
    assert.equal((await meet(t, renewed, { ...options, session })).isResumed, false);
    const off = makeTlsContext({ ...settings, "tls-session-caching": false });
    const withoutCache = await listen(t, off.incoming);
    const given = (await meet(t, withoutCache, options)).session;
    const later = await meet(t, withoutCache, { ...options, ...(given && { session: given }) });
    assert.equal(later.isResumed, false);
  });
}
