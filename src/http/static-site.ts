/**
 * The hook for pages: files that are served beside the API, such as those of the dashboard.
 *
 * The files are in memory and known at start: no path of a request ever reaches the file system. They
 * get a content security policy that allows scripts, styles and connections of this server only.
 */

/** A file. */
export interface StaticFile {
  readonly contentType: string;
  readonly body: Buffer;
  /** Changes with the content, in quotes. */
  readonly etag: string;
}

/** Files by path. */
export interface StaticSite {
  /** Its files hold nothing of the node: they are given without a password, so that one can be asked for. */
  readonly isOpen: boolean;
  /** Hashes of scripts that stand in a page itself, as `'sha256-...'`; an import map has to. */
  readonly scriptHashes: readonly string[];
  /** The file for the path of an address ("/" for the first page). */
  find(path: string): StaticFile | undefined;
}

/** No pages: the first one says where everything is. */
export const NO_SITE: StaticSite = {
  isOpen: false,
  scriptHashes: [],
  find: (path) => (path === "/" ? FIRST_PAGE : undefined),
};

const FIRST_PAGE: StaticFile = {
  contentType: "text/plain; charset=utf-8",
  body: Buffer.from(
    "ringq\n\nhealth    /healthz /readyz\nmetrics   /metrics /metrics/per-queue\n" +
      "API       /api/openapi.json\nlive      /api/live\n",
  ),
  etag: '"none"',
};

/** The policy for pages of a site. */
export function sitePolicy({ scriptHashes }: StaticSite): string {
  return [
    "default-src 'none'",
    ["script-src 'self'", ...scriptHashes].join(" "),
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
