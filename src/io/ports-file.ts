/**
 * The file in which a server says where it listens, for whoever started it on "any free port".
 *
 * Tests and scripts wait for it; it is not read by the server itself.
 */
import { writeFileSync } from "node:fs";
import { systemErrorText } from "./system-error.ts";

/** Where a server listens. */
export interface Ports {
  readonly port: number;
  /** 0 for none. */
  readonly tlsPort: number;
  readonly busPort: number;
  /** 0 for none. */
  readonly httpPort: number;
  /** "" for none. */
  readonly unixsocket: string;
}

/** Writes the file; throws an Error that names it. */
export function writePortsFile(path: string, ports: Ports): void {
  try {
    writeFileSync(path, `${JSON.stringify(ports)}\n`);
  } catch (error) {
    throw new Error(`cannot write ports-file ${path}: ${systemErrorText(error)}`, { cause: error });
  }
}
