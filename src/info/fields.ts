/**
 * The one table of figures, joined from its sections.
 *
 * A new figure is one new row in the section it belongs to, behind those of the reference.
 */
import type { InfoField } from "./field.ts";
import { busFields, clusterFields } from "./fields-cluster.ts";
import { copyFields } from "./fields-copies.ts";
import { jobFields, queueFields, statsFields } from "./fields-jobs.ts";
import { persistenceFields } from "./fields-log.ts";
import { memoryFields } from "./fields-memory.ts";
import { clientFields, cpuFields, serverFields } from "./fields-process.ts";

/** All rows, section by section. */
export const infoFields: readonly InfoField[] = [
  ...serverFields,
  ...clientFields,
  ...memoryFields,
  ...jobFields,
  ...queueFields,
  ...persistenceFields,
  ...statsFields,
  ...clusterFields,
  ...copyFields,
  ...busFields,
  ...cpuFields,
];
