/**
 * Reads accepted connections into one shared buffer.
 *
 * Node gives every chunk a buffer of its own, which costs a fifth of the throughput of a server whose
 * requests are small. Sockets one opens oneself may share a buffer (`onread`, documented); accepted
 * ones may not, so the accepted socket's handle is moved into a new socket that may. The handle is
 * not a documented property: when it is missing, the plain 'data' path is used. Both are tested. So is
 * TLS, whose bytes do not come from the handle as they are.
 *
 * The server object never hears of the moved connection's end: whoever uses this counts connections
 * itself and does not wait for `server.close()`.
 */
import { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** Called with bytes of the connection, valid only until it returns. */
export type OnBytes = (buffer: Buffer, bytes: number) => void;

const SHARED_BYTES = 64 * 1024;
/** Every connection is read to the end of its callback before another one may use the buffer. */
const shared = Buffer.allocUnsafeSlow(SHARED_BYTES);

interface HandleOwner {
  _handle?: object | null;
}

/**
 * Starts reading an accepted socket that was created paused (`pauseOnConnect`). Returns the socket
 * to use from now on, which may be another one.
 */
export function readAccepted(accepted: Socket, onBytes: OnBytes, isShared = true): Socket {
  const handle = (accepted as unknown as HandleOwner)._handle;
  if (
    !isShared ||
    isTls(accepted) ||
    handle === undefined ||
    handle === null ||
    typeof handle !== "object"
  ) {
    return readPlain(accepted, onBytes);
  }
  (accepted as unknown as HandleOwner)._handle = null;
  const options = {
    handle,
    allowHalfOpen: true,
    readable: true,
    writable: true,
    onread: {
      buffer: shared,
      callback: (bytes: number, buffer: Uint8Array) => {
        onBytes(buffer as Buffer, bytes);
        return true;
      },
    },
  };
  return new Socket(options as ConstructorParameters<typeof Socket>[0]);
}

function isTls(socket: Socket): boolean {
  return (socket as Partial<TLSSocket>).encrypted === true;
}

function readPlain(socket: Socket, onBytes: OnBytes): Socket {
  socket.on("data", (chunk: Buffer) => onBytes(chunk, chunk.length));
  socket.resume();
  return socket;
}
