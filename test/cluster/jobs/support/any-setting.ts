/**
 * What nodes and their job are like, as a property draws it.
 *
 * How fast the network is and how soon copies are made again is the same choice for all; the rest is the property's.
 */
import { fc } from "../../../support/fast-check.ts";
import type { Setting } from "./disputed-job.ts";

/** What a property wants of its settings. */
export interface Wanted {
  readonly nodes: { readonly min: number; readonly max: number };
  readonly replicate: { readonly min: number; readonly max: number };
  readonly retrySeconds: number;
  readonly hasLogs: boolean;
}

/** Settings of that kind. */
export function anySetting(wanted: Wanted): fc.Arbitrary<Setting> {
  return fc.record({
    nodes: fc.integer(wanted.nodes),
    home: fc.nat(wanted.nodes.max - 1),
    replicate: fc.integer(wanted.replicate),
    retrySeconds: fc.constant(wanted.retrySeconds),
    delayMsMax: fc.constantFrom(1, 5, 40),
    repairDelayMs: fc.constantFrom(300, 5000),
    seed: fc.nat(),
    hasLogs: fc.constant(wanted.hasLogs),
  });
}
