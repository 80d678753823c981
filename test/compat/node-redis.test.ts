/**
 * node-redis with its default settings, which open every connection with HELLO 3.
 *
 * It gives up for good on any error to HELLO, so this is the strictest of the handshakes.
 */
import { createClient } from "redis";
import { type LibraryClient, testLibrary } from "./library-tests.ts";

async function connect(port: number, password?: string): Promise<LibraryClient> {
  const client = createClient({ socket: { port }, ...(password && { password }) });
  client.on("error", () => undefined);
  await client.connect();
  return {
    call: (...args) => client.sendCommand(args),
    close: () => client.destroy(),
  };
}

testLibrary("node-redis", connect);
