/**
 * Memory for the pages of slabs.
 *
 * V8 collects all garbage for every 64 MB of buffers, whatever is in them: at the first job of a server,
 * and again and again while a backlog grows. Shared buffers are not counted, so a server has its pages in
 * those, shared with nobody, and collects when it gives pages back. A process that makes and forgets many
 * brokers, as tests do, must not: nothing would remind the collector of their memory.
 */

let isCounted = true;
let pageBytesMax = Number.POSITIVE_INFINITY;

/** Call once, in a process with one broker for all its life. */
export function leavePagesUncounted(): void {
  isCounted = false;
}

/** Zeros, so many bytes. */
export function newPage(bytes: number): ArrayBufferLike {
  return isCounted ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);
}

/** For a process with many brokers that hold little each: pages of slabs made from now on are this small. */
export function limitPages(bytes: number): void {
  pageBytesMax = bytes;
}

/** The size of a page that would have this one if there were no limit. */
export function allowedPageBytes(wanted: number): number {
  return Math.min(wanted, pageBytesMax);
}
