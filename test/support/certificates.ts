/**
 * Certificates for a test: an authority, and what it has signed for `localhost` and 127.0.0.1.
 *
 * Made by the openssl program every time, so that none can expire in the repository. Tests that need them
 * skip themselves where it is missing.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** For a test's `skip` option: why there can be no certificates, or false. */
export function lacksOpenssl(): string | false {
  return spawnSync("openssl", ["version"]).error === undefined ? false : "openssl is not installed";
}

/** Paths of PEM files. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes an authority and one certificate in a folder. */
export function makeCertificates(folder: string): Certificates {
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-subj",
    "/CN=test authority",
    "-days",
    "2",
  );
  openssl(
    "req",
    "-new",
    ...newKey,
    "-keyout",
    "node.key",
    "-out",
    "node.csr",
    "-subj",
    "/CN=localhost",
  );
  writeFileSync(path("node.ext"), "subjectAltName=DNS:localhost,DNS:broker.test,IP:127.0.0.1\n");
  openssl(
    ...["x509", "-req", "-in", "node.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
    ...["-out", "node.pem", "-days", "2", "-extfile", "node.ext"],
  );
  return { ca: path("ca.pem"), cert: path("node.pem"), key: path("node.key") };
}

/** The bytes of a file. */
export function pem(path: string): Buffer {
  return readFileSync(path);
}
