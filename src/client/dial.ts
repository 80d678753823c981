/**
 * Opening a socket: TCP, unix or TLS, with a deadline, and a reason in words when it fails.
 *
 * The words of OpenSSL name its source files; people get what they can act upon.
 */
import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { systemErrorText } from "../io/system-error.ts";
import { printAddress } from "./address.ts";
import { ConnectionError } from "./connection-error.ts";
import type { Target } from "./target.ts";

/** An open socket. Rejects with ConnectionError. */
export function dial(target: Target): Promise<Socket> {
  const { address, tls, connectTimeoutMs } = target;
  return new Promise((resolve, reject) => {
    const refuse = (reason: string): void =>
      reject(new ConnectionError(`cannot connect to ${printAddress(address)}: ${reason}`));
    let socket: Socket;
    try {
      socket = open(target);
    } catch (error) {
      // OpenSSL does not take our certificate: a key that is too short, for instance.
      refuse(reasonOf(error as Error));
      return;
    }
    const fail = (reason: string): void => {
      clearTimeout(timer);
      socket.destroy();
      refuse(reason);
    };
    const timer = setTimeout(
      () => fail(`no answer within ${connectTimeoutMs / 1000} s`),
      connectTimeoutMs,
    );
    socket.on("error", (error) => fail(reasonOf(error)));
    socket.once("end", () => fail("the server closed the connection"));
    socket.once(tls === undefined ? "connect" : "secureConnect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error").removeAllListeners("end");
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

function open({ address, tls }: Target): Socket {
  const where =
    address.kind === "unix" ? { path: address.path } : { host: address.host, port: address.port };
  if (tls === undefined) return connectPlain(where);
  const { ca, cert, key, serverName, isInsecure } = tls;
  const host = address.kind === "tcp" && isIP(address.host) === 0 ? address.host : undefined;
  const name = serverName ?? host;
  return connectTls({
    ...where,
    ...(ca !== undefined && { ca: [...ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(name !== undefined && { servername: name }),
    rejectUnauthorized: !isInsecure,
  });
}

/** What a failed connection means. */
function reasonOf(error: Error): string {
  // Several addresses were tried; they usually failed for the same reason.
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  const { code = "", reason = "" } = error as { code?: string; reason?: string };
  if (code === "ENOTFOUND") return "no such host";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `the server's certificate is for another name: ${reason}`;
  }
  if (CERTIFICATE_CODES.test(code))
    return `the server's certificate is not trusted: ${error.message}`;
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER") return "the server does not speak TLS on this port";
  if (/^ERR_(?:OS)?SSL_/.test(code)) return `TLS: ${reason === "" ? error.message : reason}`;
  return systemErrorText(error);
}

const CERTIFICATE_CODES =
  /^(?:DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|CRL_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH|ERROR_IN_CERT)/;
