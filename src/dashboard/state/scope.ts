/**
 * Whether pages show this node alone or all nodes together, where both are known.
 *
 * One choice for all pages, so that figures on two of them mean the same.
 */
import { Store } from "./store.ts";

/** This node, or all. */
export type Scope = "node" | "cluster";

/** What was chosen for this visit. */
export const scope = new Store<Scope>("node");
