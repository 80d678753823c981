/**
 * A program that passes connections on: what a gateway with forwarded ports does.
 *
 *     node forwarder.js ADDRESS-TO-LISTEN-ON ADDRESS-BEHIND PORT PORT-BEHIND [PORT PORT-BEHIND ...]
 *
 * Who is connected to sees the gateway's address instead of the caller's, as behind a real one.
 */
import { connect, createServer } from "node:net";

const [outside = "", inside = "", ...ports] = process.argv.slice(2);

for (let at = 0; at < ports.length; at += 2) {
  const target = { host: inside, port: Number(ports[at + 1]) };
  const server = createServer((caller) => {
    const called = connect(target);
    const end = (): void => {
      caller.destroy();
      called.destroy();
    };
    for (const socket of [caller, called])
      socket.setNoDelay(true).on("error", end).on("close", end);
    caller.pipe(called);
    called.pipe(caller);
  });
  server.listen(Number(ports[at]), outside);
}
