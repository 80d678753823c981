/**
 * Reads what the tls-* directives name: certificates, keys, authorities, and says what is wrong with it.
 *
 * OpenSSL takes nearly everything without a word and fails at the first handshake, so each file is
 * looked into here. Errors name the directive, the file and the reason; never anything out of a key.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { systemErrorText } from "../system-error.ts";

/** A file with more than this is no certificate and no key. */
const FILE_BYTES_MAX = 4 * 1024 * 1024;
/** Files that are read of a folder of authorities. */
const FOLDER_FILES_MAX = 1024;
const CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]*-----END [A-Z0-9 ]+-----/g;

/** A certificate and its key, as OpenSSL takes them. */
export interface KeyPair {
  /** PEM: the certificate, and authorities behind it. */
  readonly cert: string;
  /** PEM, not encrypted. */
  readonly key: string;
  /** When the certificate begins and ends to be valid, wall clock ms. */
  readonly validFromMs: number;
  readonly validToMs: number;
}

/** Where a pair is, and under which directives. */
export interface PairNames {
  readonly cert: { readonly directive: string; readonly path: string };
  readonly key: { readonly directive: string; readonly path: string };
  /** The passphrase is a byte string; without it no encrypted key can be read. */
  readonly pass?: { readonly directive: string; readonly passphrase: string };
}

/** A certificate with its key. Throws an Error that names what is wrong. */
export function readKeyPair({ cert, key, pass }: PairNames): KeyPair {
  const certText = readPem(cert.directive, cert.path);
  const [first] = certText.match(CERTIFICATE) ?? [];
  if (first === undefined) {
    throw wrong(cert.directive, cert.path, "there is no certificate in it (PEM is expected)");
  }
  const certificate = parsed(cert.directive, cert.path, first);
  const keyObject = readKey(key, pass);
  if (!certificate.checkPrivateKey(keyObject)) {
    throw wrong(key.directive, key.path, `it is not the key of the certificate in ${cert.path}`);
  }
  return {
    cert: certText,
    key: keyObject.export({ type: "pkcs8", format: "pem" }) as string,
    validFromMs: Date.parse(certificate.validFrom),
    validToMs: Date.parse(certificate.validTo),
  };
}

/** Certificates of authorities, PEM, one each; none when both are "". Throws as `readKeyPair`. */
export function readAuthorities(file: string, folder: string): string[] {
  const found = file === "" ? [] : readCertificates("tls-ca-cert-file", file);
  if (folder !== "") found.push(...authoritiesIn(folder));
  return found;
}

/** The certificates in a file, PEM, one each; at least one. Throws as `readKeyPair`. */
export function readCertificates(directive: string, path: string): string[] {
  const certificates = certificatesOf(directive, path);
  if (certificates.length > 0) return certificates;
  throw wrong(directive, path, "there is no certificate in it (PEM is expected)");
}

function authoritiesIn(folder: string): string[] {
  const directive = "tls-ca-cert-dir";
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (error) {
    throw wrong(directive, folder, systemErrorText(error));
  }
  if (names.length > FOLDER_FILES_MAX) {
    throw wrong(directive, folder, `there are more than ${FOLDER_FILES_MAX} files in it`);
  }
  const found = names.map((name) => join(folder, name)).filter(isFile);
  const certificates = found.flatMap((path) => certificatesOf(directive, path));
  if (certificates.length > 0) return certificates;
  throw wrong(directive, folder, "there is no certificate in any of its files (PEM is expected)");
}

function certificatesOf(directive: string, path: string): string[] {
  const texts = readPem(directive, path).match(CERTIFICATE) ?? [];
  for (const text of texts) parsed(directive, path, text);
  return [...texts];
}

function readKey(key: PairNames["key"], pass: PairNames["pass"]): KeyObject {
  const text = readPem(key.directive, key.path);
  if (!/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(text)) {
    throw wrong(key.directive, key.path, "there is no private key in it (PEM is expected)");
  }
  const isEncrypted = /ENCRYPTED/.test(text);
  const passphrase = pass?.passphrase ?? "";
  if (isEncrypted && passphrase === "") {
    const remedy = pass === undefined ? "one that is not is needed" : `set ${pass.directive}`;
    throw wrong(key.directive, key.path, `the key is encrypted: ${remedy}`);
  }
  try {
    const secret = isEncrypted ? { passphrase: Buffer.from(passphrase, "latin1") } : {};
    return createPrivateKey({ key: text, format: "pem", ...secret });
  } catch {
    const reason = isEncrypted
      ? `${pass?.directive} does not open the key`
      : "the key cannot be read";
    throw wrong(key.directive, key.path, reason);
  }
}

function parsed(directive: string, path: string, text: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch {
    throw wrong(directive, path, "the certificate cannot be read");
  }
}

function readPem(directive: string, path: string): string {
  try {
    if (statSync(path).size > FILE_BYTES_MAX) throw new Error("the file is too large");
    return readFileSync(path, "latin1");
  } catch (error) {
    throw wrong(directive, path, systemErrorText(error));
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function wrong(directive: string, path: string, reason: string): Error {
  return new Error(`${directive} ${path}: ${reason}`);
}
