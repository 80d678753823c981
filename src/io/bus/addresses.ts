/**
 * Texts that hold an address and a port: `10.0.0.1:17711`, `[::1]:17711`.
 *
 * Endpoints carry them in this form (io/endpoints.ts); the bus also needs the address alone, because
 * the port of a peer that dialled says nothing.
 */

/** The address without port and brackets. */
export function hostOf(text: string): string {
  const host = text.slice(0, text.lastIndexOf(":"));
  return host.startsWith("[") ? host.slice(1, -1) : host;
}
