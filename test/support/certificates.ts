/**
 * Certificates for a test: authorities, and what they sign for `localhost` and 127.0.0.1.
 *
 * Made every time, so that none can expire in the repository; keys are those of elliptic curves, which are
 * made in a millisecond.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CertificateExtension, generate } from "selfsigned";

const DAY_MS = 86_400_000;
const COMMON = { keyType: "ec", algorithm: "sha256" } as const;

/** Paths of PEM files: a certificate with its key. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** The same, and the authority that signed it. */
export interface Certificates extends CertificateFiles {
  readonly ca: string;
}

/** What may be otherwise about a certificate. */
export interface CertificateOptions {
  /** DNS names it is for; `localhost` and `broker.test` unless given. 127.0.0.1 is always in it. */
  readonly names?: readonly string[];
  /** When it begins and ends to be valid, in days from now; -1 and 1 unless given. */
  readonly fromDays?: number;
  readonly toDays?: number;
  /** Encrypts the key. */
  readonly passphrase?: string;
}

/** Somebody who signs certificates. */
export class Authority {
  /** Path of its certificate. */
  readonly file: string;
  readonly #folder: string;
  readonly #ca: { readonly cert: string; readonly key: string };

  /** Makes one, with its certificate as `<name>.pem` in the folder. */
  static async make(folder: string, name = "ca"): Promise<Authority> {
    const extensions: CertificateExtension[] = [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ];
    const made = await generate(named(`authority ${name}`), {
      ...COMMON,
      ...validity({}),
      extensions,
    });
    const file = join(folder, `${name}.pem`);
    writeFileSync(file, made.cert);
    return new Authority(folder, file, { cert: made.cert, key: made.private });
  }

  private constructor(folder: string, file: string, ca: { cert: string; key: string }) {
    this.#folder = folder;
    this.file = file;
    this.#ca = ca;
  }

  /** Signs a certificate; its files are `<name>.pem` and `<name>.key`, and replace what was there. */
  async issue(name: string, options: CertificateOptions = {}): Promise<Certificates> {
    const { names = ["localhost", "broker.test"], passphrase } = options;
    const altNames = names.map((value) => ({ type: 2, value }) as const);
    const extensions: CertificateExtension[] = [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "extKeyUsage", serverAuth: true, clientAuth: true },
      { name: "subjectAltName", altNames: [...altNames, { type: 7, ip: "127.0.0.1" }] },
    ];
    const made = await generate(named(name), {
      ...COMMON,
      ...validity(options),
      extensions,
      ca: this.#ca,
      ...(passphrase !== undefined && { passphrase }),
    });
    const cert = join(this.#folder, `${name}.pem`);
    const key = join(this.#folder, `${name}.key`);
    writeFileSync(cert, made.cert);
    writeFileSync(key, made.private);
    return { ca: this.file, cert, key };
  }
}

/** An authority and one certificate in a folder. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  return (await Authority.make(folder)).issue("node");
}

/** The bytes of a file. */
export function pem(path: string): Buffer {
  return readFileSync(path);
}

function named(commonName: string): { name: string; value: string }[] {
  return [{ name: "commonName", value: commonName }];
}

function validity({ fromDays = -1, toDays = 1 }: CertificateOptions): {
  notBeforeDate: Date;
  notAfterDate: Date;
} {
  const at = (days: number): Date => new Date(Date.now() + days * DAY_MS);
  return { notBeforeDate: at(fromDays), notAfterDate: at(toDays) };
}
