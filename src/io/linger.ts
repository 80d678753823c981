/**
 * Closing a connection so that the last words arrive.
 *
 * A socket that is closed while bytes of its client lie unread makes the kernel reset the connection,
 * and a reset throws away replies that are still on their way. So only our half is closed, and what
 * the client goes on sending is thrown away until it closes its half, for a bounded time. Whoever
 * wants a client gone without a word destroys the socket instead.
 */
import type { Socket } from "node:net";

/** How long a client may take to close its half once it has been sent everything. */
const LINGER_MS = 1000;
/** More connections than this do not linger: they would use up the files of the process. */
const LINGERING_MAX = 256;

let lingering = 0;

/** Sends what was written, then ends the connection. Bytes go on arriving until then. */
export function closeGently(socket: Socket): void {
  if (socket.readableEnded) {
    socket.destroySoon();
    return;
  }
  socket.once("finish", () => linger(socket));
  socket.end();
  socket.resume();
}

/** Everything was sent; both halves closed, or the time over, ends it. */
function linger(socket: Socket): void {
  if (socket.destroyed) return;
  if (lingering >= LINGERING_MAX) {
    socket.destroy();
    return;
  }
  lingering++;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once("close", () => {
    lingering--;
    clearTimeout(timer);
  });
}
