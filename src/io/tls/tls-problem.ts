/**
 * Why a TLS handshake failed, in words that somebody can act upon.
 *
 * OpenSSL's own words name its source files, and the usual mistakes (no TLS at all, a certificate of
 * another authority) hide behind several codes each.
 */
import type { TLSSocket } from "node:tls";
import { systemErrorText } from "../system-error.ts";

/** Codes of what OpenSSL takes for a strange record: plain text, mostly. */
const NOT_TLS =
  /^ERR_SSL_(?:WRONG_VERSION_NUMBER|HTTP_REQUEST|HTTPS_PROXY_REQUEST|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL|RECORD_LAYER_FAILURE|UNEXPECTED_MESSAGE|BAD_RECORD_TYPE)$/;
/** Alerts with which the other side says that it does not like our certificate. */
const NOT_TRUSTED =
  /^ERR_SSL_(?:TLSV1|TLSV13|SSLV3)_ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_\w+|UNSUPPORTED_CERTIFICATE)$/;

const CERTIFICATE_PROBLEMS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  CERT_REVOKED: "its certificate was revoked",
  INVALID_PURPOSE: "its certificate is for another purpose",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by an authority that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate is signed by an authority that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "its certificate is signed by an authority that is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by an authority that is not trusted",
};

/** Nothing that anybody need know: port checks and clients that change their mind. */
export const JUST_CLOSED = "the connection was closed";

/** Who must show a certificate, as tls-auth-clients has it. */
export type CertificateRule = "no" | "yes" | "optional";

/** What is wrong with the certificate of somebody who has connected, or undefined. */
export function certificateProblem(socket: TLSSocket, rule: CertificateRule): string | undefined {
  if (rule === "no") return undefined;
  // Asked for itself: a session that is resumed counts as authorized, with or without a certificate.
  const hasCertificate = Object.keys(socket.getPeerCertificate()).length > 0;
  if (!hasCertificate) return rule === "optional" ? undefined : "it has no certificate";
  if (socket.authorized) return undefined;
  const code = String(socket.authorizationError ?? "");
  return CERTIFICATE_PROBLEMS[code] ?? `its certificate is not trusted: ${code}`;
}

/** What made a handshake fail. `JUST_CLOSED` when the connection ended without anything wrong. */
export function handshakeProblem(error: Error): string {
  const { code = "", reason } = error as { code?: string; reason?: string };
  if (code === "ECONNRESET" || code === "EPIPE") return JUST_CLOSED;
  if (NOT_TLS.test(code)) return "it does not speak TLS";
  if (NOT_TRUSTED.test(code)) return "it does not trust the certificate of this node";
  const known = CERTIFICATE_PROBLEMS[code];
  return known ?? reason ?? systemErrorText(error);
}
