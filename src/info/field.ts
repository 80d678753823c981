/**
 * One row of the table of figures: everything ringq knows about a number or a text it shows.
 *
 * INFO's text, metrics and the dashboard come from the rows, so they cannot disagree. Names in INFO are
 * those that tools for Redis and Disque look for; metrics follow the conventions of Prometheus. A total
 * is a counter of its own and never a sum over queues, which would fall when a queue goes away.
 */
import type { InfoSource } from "./source.ts";

/** Sections with rows, in the order of INFO. Commandstats comes last and has none: it is a list. */
export const INFO_SECTIONS = [
  "Server",
  "Clients",
  "Memory",
  "Jobs",
  "Queues",
  "Persistence",
  "Stats",
  "Cluster",
  "Bus",
  "CPU",
] as const;

/** The name of a section with rows. */
export type InfoSection = (typeof INFO_SECTIONS)[number];

/** A row. */
export interface InfoField {
  readonly section: InfoSection;
  readonly name: string;
  /** A counter only grows until it is reset; a gauge goes up and down; a text is for people. */
  readonly kind: "counter" | "gauge" | "text";
  /** Name of the metric; undefined for what is no metric, or one already under another name. */
  readonly metric: string | undefined;
  /** One sentence for people. */
  readonly help: string;
  /** Decimals shown by INFO. */
  readonly decimals: number;
  /** Whether INFO shows it now; without it: always. */
  readonly isShown?: (source: InfoSource) => boolean;
  readonly read: (source: InfoSource) => number | string;
}

/** A number that is a metric. */
interface NumberOptions {
  readonly metric?: string;
  readonly help: string;
  readonly decimals?: number;
  readonly isShown?: (source: InfoSource) => boolean;
  readonly read: (source: InfoSource) => number;
}

/** A text, or a number that is shown for people only. */
interface TextOptions {
  readonly help: string;
  readonly isShown?: (source: InfoSource) => boolean;
  readonly read: (source: InfoSource) => number | string;
}

/** Makes the rows of one section. */
export interface RowMaker {
  counter(name: string, options: NumberOptions): InfoField;
  gauge(name: string, options: NumberOptions): InfoField;
  text(name: string, options: TextOptions): InfoField;
}

/** A maker of rows for `section`. */
export function rowsOf(section: InfoSection): RowMaker {
  const number = (kind: "counter" | "gauge", name: string, options: NumberOptions): InfoField => ({
    section,
    name,
    kind,
    metric: options.metric,
    help: options.help,
    decimals: options.decimals ?? 0,
    ...(options.isShown !== undefined && { isShown: options.isShown }),
    read: options.read,
  });
  return {
    counter: (name, options) => number("counter", name, options),
    gauge: (name, options) => number("gauge", name, options),
    text: (name, { help, isShown, read }) => ({
      section,
      name,
      kind: "text",
      metric: undefined,
      help,
      decimals: 0,
      ...(isShown !== undefined && { isShown }),
      read,
    }),
  };
}
