/**
 * What is on its way from one node of the fabric to another, in order.
 *
 * Whether it arrives, and when, is decided by the fabric.
 */
import type { FabricNode } from "./fabric-node.ts";

/** Messages on their way from one node to another. */
export interface Pipe {
  readonly from: FabricNode;
  readonly to: FabricNode;
  messages: { readonly bytes: Buffer; readonly isControl: boolean }[];
  isMoving: boolean;
}
