/**
 * node-redis with its default settings, which open every connection with HELLO 3.
 *
 * It gives up for good on any error to HELLO, so this is the strictest of the handshakes.
 */
import { createClient } from "redis";
import { type LibraryClient, type Target, testLibrary } from "./library-tests.ts";

async function connect({ port, password, tls }: Target): Promise<LibraryClient> {
  const socket =
    tls === undefined ? { port } : { port, host: "localhost", tls: true as const, ...tls };
  const client = createClient({ socket, ...(password && { password }) });
  client.on("error", () => undefined);
  await client.connect();
  return {
    call: (...args) => client.sendCommand(args),
    close: () => client.destroy(),
  };
}

testLibrary("node-redis", connect);
