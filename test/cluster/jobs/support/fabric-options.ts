/**
 * What a test says of the nodes of a fabric and their network before it begins.
 *
 * What happens to them later are calls of the fabric.
 */

/** How the network behaves. */
export interface FabricOptions {
  readonly seed?: number;
  /** One way takes 1 to this many ms; default 2. */
  readonly delayMsMax?: number;
  readonly nodeTimeoutMs?: number;
  readonly maxMemoryBytes?: number;
  readonly repairDelayMs?: number;
  /** Nodes keep logs, to start again with their jobs. */
  readonly hasLogs?: boolean;
}
