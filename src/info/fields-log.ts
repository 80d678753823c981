/**
 * Figures about the log on disk: the section Persistence.
 *
 * Names and meaning are the reference's, so what watches a Disque or a Redis watches this too. While the log
 * is loaded it counts as off, as there; what tells of the loading is shown during it only.
 */
import { type InfoField, rowsOf } from "./field.ts";
import type { InfoSource } from "./source.ts";

const persistence = rowsOf("Persistence");

const flag = (value: boolean): number => (value ? 1 : 0);
const isOn = ({ log }: InfoSource): boolean => log.loading === undefined && log.state !== "off";
const isLoading = ({ log }: InfoSource): boolean => log.loading !== undefined;

/** Of what is loaded, 0..1. */
function loadedShare({ log }: InfoSource): number {
  const { loadedBytes = 0, totalBytes = 0 } = log.loading ?? {};
  return totalBytes === 0 ? 0 : loadedBytes / totalBytes;
}

/** Seconds that loading will take from now on, if it goes on as it did. */
function secondsLeft(source: InfoSource): number {
  const share = loadedShare(source);
  const startedWallMs = source.log.loading?.startedWallMs ?? source.wallMs;
  if (share === 0) return 0;
  return Math.max(0, ((source.wallMs - startedWallMs) * (1 - share)) / share / 1000);
}

/** The section Persistence. */
export const persistenceFields: readonly InfoField[] = [
  persistence.gauge("loading", {
    metric: "ringq_log_loading",
    help: "1 while the log is loaded at the start.",
    read: (source) => flag(isLoading(source)),
  }),
  persistence.gauge("aof_enabled", {
    metric: "ringq_log_enabled",
    help: "1 when jobs are kept in a log on disk.",
    read: (source) => flag(isOn(source)),
  }),
  persistence.text("aof_state", {
    help: "State of the log: off, on, or wait-rewrite while it is written for the first time.",
    read: (source) => (isLoading(source) ? "off" : source.log.state),
  }),
  persistence.gauge("aof_rewrite_in_progress", {
    metric: "ringq_log_rewriting",
    help: "1 while the log is rewritten.",
    read: ({ log }) => flag(log.isRewriting),
  }),
  persistence.text("aof_rewrite_scheduled", {
    help: "1 when a rewrite is about to begin.",
    read: ({ log }) => flag(log.isRewriteScheduled),
  }),
  persistence.text("aof_last_rewrite_time_sec", {
    help: "Seconds that the last rewrite took; -1: there was none.",
    read: ({ log }) => log.lastRewriteSeconds,
  }),
  persistence.text("aof_current_rewrite_time_sec", {
    help: "Seconds since the rewrite under way began; -1: there is none.",
    read: ({ log }) => log.currentRewriteSeconds,
  }),
  persistence.text("aof_last_bgrewrite_status", {
    help: "How the last rewrite went: ok or err.",
    read: ({ log }) => (log.hasRewriteFailed ? "err" : "ok"),
  }),
  persistence.text("aof_last_write_status", {
    help: "How the log was last written: ok or err.",
    read: ({ log }) => (log.writeError === "" ? "ok" : "err"),
  }),
  persistence.text("aof_last_write_error", {
    help: "Why the log cannot be written.",
    isShown: (source) => isOn(source) && source.log.writeError !== "",
    read: ({ log }) => log.writeError,
  }),
  persistence.gauge("aof_current_size", {
    metric: "ringq_log_bytes",
    help: "Bytes of the log.",
    isShown: isOn,
    read: ({ log }) => log.bytes,
  }),
  persistence.gauge("aof_base_size", {
    metric: "ringq_log_base_bytes",
    help: "Its bytes after the last rewrite, or at the start.",
    isShown: isOn,
    read: ({ log }) => log.baseBytes,
  }),
  persistence.text("aof_pending_rewrite", {
    help: "1 when a rewrite is about to begin.",
    isShown: isOn,
    read: ({ log }) => flag(log.isRewriteScheduled),
  }),
  persistence.gauge("aof_buffer_length", {
    metric: "ringq_log_waiting_bytes",
    help: "Bytes that wait to be written because the disk refuses them.",
    isShown: isOn,
    read: ({ log }) => log.bufferBytes,
  }),
  persistence.text("aof_rewrite_buffer_length", {
    help: "Always 0: a rewrite needs no buffer.",
    isShown: isOn,
    read: () => 0,
  }),
  persistence.text("aof_pending_bio_fsync", {
    help: "1 while the disk is waited for.",
    isShown: isOn,
    read: ({ log }) => flag(log.isSyncing),
  }),
  persistence.counter("aof_delayed_fsync", {
    metric: "ringq_log_delayed_syncs_total",
    help: "Times that writing had to wait for the disk.",
    isShown: isOn,
    read: ({ log }) => log.delayedSyncs,
  }),
  persistence.text("loading_start_time", {
    help: "When loading began, seconds since 1970.",
    isShown: isLoading,
    read: ({ log }) => Math.floor((log.loading?.startedWallMs ?? 0) / 1000),
  }),
  persistence.text("loading_total_bytes", {
    help: "Bytes of the log that is loaded.",
    isShown: isLoading,
    read: ({ log }) => log.loading?.totalBytes ?? 0,
  }),
  persistence.text("loading_loaded_bytes", {
    help: "Bytes of it that are loaded.",
    isShown: isLoading,
    read: ({ log }) => log.loading?.loadedBytes ?? 0,
  }),
  persistence.text("loading_loaded_perc", {
    help: "The same in percent.",
    isShown: isLoading,
    read: (source) => (loadedShare(source) * 100).toFixed(2),
  }),
  persistence.text("loading_eta_seconds", {
    help: "Seconds until it is loaded, about.",
    isShown: isLoading,
    read: (source) => Math.round(secondsLeft(source)),
  }),
];
