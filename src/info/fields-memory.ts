/**
 * Figures about memory: the section Memory.
 *
 * `used_memory` is what ringq accounts for and what maxmemory limits. The resident set and the heap
 * are shown beside it because they are what an operator sees from outside.
 */
import { humanSize } from "../util/bytes.ts";
import { type InfoField, rowsOf } from "./field.ts";
import type { InfoSource } from "./source.ts";

const memory = rowsOf("Memory");

/** Bytes held from the system for records and bodies, whether in use or not. */
function pageBytes({ broker }: InfoSource): number {
  return broker.jobs.pageBytes + broker.arena.pageBytes;
}

/** The section Memory. */
export const memoryFields: readonly InfoField[] = [
  memory.gauge("used_memory", {
    metric: "ringq_memory_used_bytes",
    help: "Bytes accounted for: jobs, bodies, queues, buffers.",
    read: ({ broker }) => broker.usedBytes,
  }),
  memory.text("used_memory_human", {
    help: "The same, rounded.",
    read: ({ broker }) => humanSize(broker.usedBytes),
  }),
  memory.gauge("used_memory_rss", {
    metric: "ringq_memory_resident_bytes",
    help: "Resident set of the process.",
    read: ({ readings }) => readings.rssBytes,
  }),
  memory.gauge("used_memory_peak", {
    metric: "ringq_memory_used_peak_bytes",
    help: "Most bytes ever accounted for.",
    read: ({ traffic }) => traffic.memoryPeakBytes,
  }),
  memory.text("used_memory_peak_human", {
    help: "The same, rounded.",
    read: ({ traffic }) => humanSize(traffic.memoryPeakBytes),
  }),
  memory.gauge("mem_fragmentation_ratio", {
    metric: "ringq_memory_fragmentation_ratio",
    help: "Resident set divided by bytes accounted for.",
    decimals: 2,
    read: ({ broker, readings }) => readings.rssBytes / broker.usedBytes,
  }),
  memory.text("mem_allocator", { help: "Where jobs live.", read: () => "arena" }),
  memory.gauge("maxmemory", {
    metric: "ringq_memory_max_bytes",
    help: "The directive maxmemory; 0 for no limit.",
    read: ({ settings }) => settings.maxmemory,
  }),
  memory.text("maxmemory_human", {
    help: "The same, rounded.",
    read: ({ settings }) => humanSize(settings.maxmemory),
  }),
  memory.text("maxmemory_policy", {
    help: "The directive maxmemory-policy.",
    read: ({ settings }) => settings["maxmemory-policy"],
  }),
  memory.gauge("memory_level", {
    metric: "ringq_memory_level",
    help: "0 normal, 1 above 75 %, 2 above 95 % of maxmemory, 3 full.",
    read: ({ broker }) => broker.memory.level,
  }),
  memory.gauge("used_memory_bodies", {
    metric: "ringq_memory_bodies_bytes",
    help: "Of the bytes accounted for, those of job bodies.",
    read: ({ broker }) => broker.arena.usedBytes,
  }),
  memory.gauge("used_memory_records", {
    metric: "ringq_memory_records_bytes",
    help: "Of the bytes accounted for, those of job records.",
    read: ({ broker }) => broker.jobs.usedBytes,
  }),
  memory.gauge("used_memory_buffers", {
    metric: "ringq_memory_buffers_bytes",
    help: "Of the bytes accounted for, those of clients' buffers.",
    read: ({ broker }) => broker.bufferBytes,
  }),
  memory.gauge("arena_pages", {
    metric: "ringq_memory_pages_bytes",
    help: "Bytes held from the system for job records and bodies.",
    read: pageBytes,
  }),
  memory.gauge("arena_fill_ratio", {
    metric: "ringq_memory_pages_fill_ratio",
    help: "Share of those that is in use; 1 when there are none.",
    decimals: 2,
    read: (source) => {
      const held = pageBytes(source);
      const { arena, jobs } = source.broker;
      return held === 0 ? 1 : (arena.usedBytes + jobs.usedBytes) / held;
    },
  }),
  memory.gauge("heap_used", {
    metric: "ringq_heap_used_bytes",
    help: "Bytes in use on the heap of the engine.",
    read: ({ readings }) => readings.heapUsedBytes,
  }),
  memory.gauge("heap_total", {
    metric: "ringq_heap_total_bytes",
    help: "Size of that heap.",
    read: ({ readings }) => readings.heapTotalBytes,
  }),
  memory.gauge("heap_limit", {
    metric: "ringq_heap_max_bytes",
    help: "Size it may grow to.",
    read: ({ readings }) => readings.heapLimitBytes,
  }),
  memory.gauge("external_memory", {
    metric: "ringq_memory_external_bytes",
    help: "Bytes of buffers outside of that heap.",
    read: ({ readings }) => readings.externalBytes,
  }),
  memory.gauge("used_memory_cluster", {
    metric: "ringq_memory_cluster_bytes",
    help: "Of the bytes accounted for, what is remembered for other nodes, beside records.",
    read: ({ broker }) => broker.otherBytes + broker.holders.usedBytes,
  }),
];
