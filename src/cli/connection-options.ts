/**
 * The options that say which server is meant, the same for every use of `ringq`.
 *
 * Names are those of redis-cli. What cannot be meant ends in a UsageError before anything is connected.
 */
import type { Argv, Options } from "yargs";
import {
  DEFAULT_HOST,
  DEFAULT_PORT,
  parsePort,
  parseUrl,
  type ServerAddress,
  type UrlParts,
} from "../client/address.ts";
import type { Target, TlsSettings } from "../client/target.ts";
import { systemErrorText } from "../io/system-error.ts";
import { readCertificates, readKeyPair } from "../io/tls/tls-files.ts";
import { UsageError } from "./cli-error.ts";
import { lastOf } from "./number-option.ts";
import { askPassword, passwordFromEnvironment } from "./password.ts";
import { complain } from "./terminal.ts";

const GROUP = "Server:";
const CONNECT_TIMEOUT_SECONDS = 5;
const TIMEOUT_SECONDS_MAX = 86_400;

const text = (describe: string, more: Omit<Options, "type"> = {}) =>
  ({ type: "string", describe, group: GROUP, requiresArg: true, coerce: lastOf, ...more }) as const;
const flag = (describe: string) => ({ type: "boolean", describe, group: GROUP }) as const;

const options = {
  host: text("Host to connect to", { alias: "h", defaultDescription: DEFAULT_HOST }),
  port: text("Port to connect to", { alias: "p", defaultDescription: `${DEFAULT_PORT}` }),
  socket: text("Unix socket to connect to instead", { alias: "s" }),
  url: text("Server as redis://[[user]:password@]host[:port], rediss:// or unix://", {
    alias: ["u", "uri"],
  }),
  pass: text("Password; better in the variable RINGQ_AUTH, where ps does not show it", {
    alias: "a",
  }),
  user: text("User to log in as; there is only `default`"),
  askpass: flag("Ask for the password"),
  "no-auth-warning": flag("Do not warn about a password on the command line"),
  tls: flag("Connect with TLS"),
  cacert: text("Certificates of authorities to trust (PEM)"),
  cert: text("Our certificate (PEM)"),
  key: text("Key of our certificate (PEM)"),
  sni: text("Name the server's certificate must have; the host unless given"),
  insecure: flag("Take any certificate"),
  timeout: text("Seconds to wait for a connection", { alias: "t", defaultDescription: "5" }),
} as const;

type OptionName = keyof typeof options;
type Given<Name extends OptionName> = (typeof options)[Name]["type"] extends "boolean"
  ? boolean
  : string;

/** What these options come to. Everything is text until it is checked. */
export type ConnectionArguments = {
  readonly [Name in OptionName]?: Given<Name> | undefined;
};

/** Lets a parser understand them. */
export function withConnectionOptions<T>(parser: Argv<T>): Argv<T & ConnectionArguments> {
  return parser.options(options) as Argv<T & ConnectionArguments>;
}

/** The server that is meant. Asks for the password if that is wanted. Rejects with UsageError. */
export async function targetOf(given: ConnectionArguments): Promise<Target> {
  const url = urlOf(given);
  const tls = tlsOf(given, url?.isTls === true);
  const user = given.user ?? url?.user;
  const address = addressOf(given, url);
  const connectTimeoutMs = timeoutMsOf(given);
  const password = await passwordOf(given, url);
  if (user !== undefined && password === undefined) throw new UsageError("--user needs a password");
  return {
    address,
    ...(tls !== undefined && { tls }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password, onNeedlessPassword: warnOnce() }),
    connectTimeoutMs,
  };
}

/** Says it with the first of many connections. */
function warnOnce(): () => void {
  let isSaid = false;
  return () => {
    if (!isSaid)
      complain("Warning: the server has no password; it was not asked for the one given.");
    isSaid = true;
  };
}

function urlOf({ url }: ConnectionArguments): UrlParts | undefined {
  if (url === undefined) return undefined;
  const parts = parseUrl(url);
  // Never the URL itself: there may be a password in it.
  if (typeof parts === "string") throw new UsageError(`-u: ${parts}`);
  return parts;
}

function addressOf(given: ConnectionArguments, url: UrlParts | undefined): ServerAddress {
  const { host, port, socket } = given;
  const isTcp = host !== undefined || port !== undefined;
  if ([url !== undefined, socket !== undefined, isTcp].filter(Boolean).length > 1) {
    throw new UsageError("-u, -s and -h with -p exclude one another");
  }
  if (url !== undefined) return url.address;
  if (socket !== undefined) return { kind: "unix", path: socket };
  if (host === "") throw new UsageError("-h: the host is empty");
  const number = port === undefined ? DEFAULT_PORT : parsePort(port);
  if (number === undefined) throw new UsageError(`-p: ${port} is not a port (1 to 65535)`);
  return { kind: "tcp", host: host ?? DEFAULT_HOST, port: number };
}

function timeoutMsOf({ timeout }: ConnectionArguments): number {
  const seconds = timeout === undefined ? CONNECT_TIMEOUT_SECONDS : Number(timeout || Number.NaN);
  if (!(seconds > 0 && seconds <= TIMEOUT_SECONDS_MAX)) {
    throw new UsageError(`-t: ${timeout} is not a number of seconds`);
  }
  return seconds * 1000;
}

async function passwordOf(
  given: ConnectionArguments,
  url: UrlParts | undefined,
): Promise<string | undefined> {
  const shown = given.pass ?? url?.password;
  if (shown !== undefined) {
    if (given["no-auth-warning"] !== true) {
      complain(
        "Warning: others can read a password on the command line; use RINGQ_AUTH or --askpass.",
      );
    }
    return shown;
  }
  return given.askpass === true ? askPassword() : passwordFromEnvironment();
}

function tlsOf(given: ConnectionArguments, isTlsUrl: boolean): TlsSettings | undefined {
  const { cacert, cert, key, sni, insecure } = given;
  if (given.tls !== true && !isTlsUrl) {
    const idle = Object.entries({ cacert, cert, key, sni, insecure }).find(([, value]) => value);
    if (idle !== undefined) throw new UsageError(`--${idle[0]} needs --tls`);
    return undefined;
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError("--cert and --key belong together");
  }
  try {
    return {
      ...(cacert !== undefined && { ca: readCertificates("--cacert", cacert) }),
      ...(cert !== undefined && key !== undefined && ourPair(cert, key)),
      ...(sni !== undefined && { serverName: sni }),
      isInsecure: insecure === true,
    };
  } catch (error) {
    throw new UsageError(systemErrorText(error));
  }
}

/** Our certificate and its key, read as the server reads its own. Throws an Error that names what is wrong. */
function ourPair(certPath: string, keyPath: string): Pick<TlsSettings, "cert" | "key"> {
  const { cert, key } = readKeyPair({
    cert: { directive: "--cert", path: certPath },
    key: { directive: "--key", path: keyPath },
  });
  return { cert, key };
}
