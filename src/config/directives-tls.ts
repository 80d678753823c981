/**
 * Directives about TLS, with Redis' names and meaning.
 *
 * One certificate serves clients, HTTP and the links between nodes. What is named here is read and
 * checked before it is used, at start, by CONFIG SET and on SIGHUP (io/tls/).
 */
import { rowsOf } from "./directive.ts";
import { COUNT_MAX, integer, oneOf, path, text, yesNo } from "./kinds.ts";
import { portOrAny } from "./kinds-network.ts";
import { tlsProtocols } from "./kinds-tls.ts";

const tls = rowsOf("TLS");

const CIPHERS_BYTES_MAX = 4096;
const PASSPHRASE_BYTES_MAX = 1024;

/** Certificates, and what is asked of those who connect. */
export const tlsDirectives = [
  tls("tls-port", portOrAny(), {
    default: 0,
    help:
      "TCP port for clients that speak TLS; 0: none. With port 0 it is the only one. any: a free " +
      "one, which ports-file tells; meant for tests.",
  }),
  tls("tls-cert-file", path({ mayBeEmpty: true }), {
    default: "",
    mutable: true,
    help:
      "Certificate of this node, PEM, the authorities between it and the root behind it. SIGHUP reads " +
      "all files anew; connections that are open stay.",
  }),
  tls("tls-key-file", path({ mayBeEmpty: true }), {
    default: "",
    mutable: true,
    help: "Private key of tls-cert-file, PEM.",
  }),
  tls("tls-key-file-pass", text({ maxBytes: PASSPHRASE_BYTES_MAX }), {
    default: "",
    mutable: true,
    secret: true,
    hidden: true,
    help: "Passphrase of tls-key-file, if it is encrypted. CONFIG GET does not show it.",
  }),
  tls("tls-client-cert-file", path({ mayBeEmpty: true }), {
    default: "",
    mutable: true,
    help:
      "Certificate for connections that this node opens to others, where tls-cert-file may not be " +
      "used by clients. Empty: tls-cert-file.",
  }),
  tls("tls-client-key-file", path({ mayBeEmpty: true }), {
    default: "",
    mutable: true,
    help: "Private key of tls-client-cert-file, PEM.",
  }),
  tls("tls-client-key-file-pass", text({ maxBytes: PASSPHRASE_BYTES_MAX }), {
    default: "",
    mutable: true,
    secret: true,
    hidden: true,
    help: "Passphrase of tls-client-key-file, if it is encrypted. CONFIG GET does not show it.",
  }),
  tls("tls-ca-cert-file", path({ mayBeEmpty: true }), {
    default: "",
    mutable: true,
    help:
      "Certificates of the authorities whose signature is trusted, PEM. Use one of your own: whoever " +
      "has a certificate signed by it is let in.",
  }),
  tls("tls-ca-cert-dir", path({ mayBeEmpty: true }), {
    default: "",
    mutable: true,
    help: "Folder whose files are such certificates, in addition to tls-ca-cert-file.",
  }),
  tls("tls-auth-clients", oneOf(["no", "yes", "optional"]), {
    default: "yes",
    mutable: true,
    help:
      "Whether clients on tls-port need a certificate signed by a trusted authority. optional: they " +
      "may come without one, but not with a wrong one.",
  }),
  tls("tls-protocols", tlsProtocols(), {
    default: [],
    mutable: true,
    help: "Versions of TLS that are spoken. Empty: both.",
  }),
  tls("tls-ciphers", text({ maxBytes: CIPHERS_BYTES_MAX }), {
    default: "",
    mutable: true,
    help: "Ciphers of TLS 1.2 in the notation of OpenSSL. Empty: those that Node.js prefers.",
  }),
  tls("tls-ciphersuites", text({ maxBytes: CIPHERS_BYTES_MAX }), {
    default: "",
    mutable: true,
    help: "Cipher suites of TLS 1.3, separated by colons. Empty: those that Node.js prefers.",
  }),
  tls("tls-prefer-server-ciphers", yesNo(), {
    default: false,
    mutable: true,
    help: "Choose the cipher by this server's order and not by the client's.",
  }),
  tls("tls-session-caching", yesNo(), {
    default: true,
    mutable: true,
    help: "Let clients that come back resume their session, which is faster than a new handshake.",
  }),
  tls("tls-session-cache-timeout", integer({ min: 1, max: COUNT_MAX, unit: "seconds" }), {
    default: 300,
    mutable: true,
    help: "How long a session can be resumed.",
  }),
  tls("tls-cluster", yesNo(), {
    default: false,
    mutable: true,
    help:
      "Nodes speak TLS with one another, and each must show a certificate signed by a trusted authority. " +
      "All nodes must have the same setting. cluster-secret is needed as before.",
  }),
] as const;
