/**
 * Where one is: the part of the address after `#` names the page.
 *
 *   #/  #/queues  #/queues/NAME  #/jobs/ID  #/cluster  #/workers  #/slowlog
 *
 * Names stay as they are written in paths, so any bytes come through.
 */
import { Store } from "./store.ts";

/** A page, and what it is about. */
export interface Place {
  readonly page: string;
  /** A segment of a path, still percent-encoded; empty: the page is about no single thing. */
  readonly subject: string;
}

/** The place that the part after `#` names. */
export function placeOf(hash: string): Place {
  const [, page = "", subject = ""] = hash.replace(/^#/, "").split("/");
  return { page: page === "" ? "overview" : page, subject };
}

/** Where one is now. */
export const place = new Store<Place>({ page: "overview", subject: "" });

/** Follows the address. */
export function followAddress(): void {
  const note = (): void => place.set(placeOf(location.hash));
  addEventListener("hashchange", note);
  note();
}
