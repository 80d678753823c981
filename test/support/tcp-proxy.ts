/**
 * A TCP proxy in front of one node's bus port, so that a test can harm its links one by one.
 *
 * Nodes are told the proxy's port as the node's own (announce-cluster-port). Who has dialled stands
 * in the clear in the first bytes of every bus connection, so each link can have its own weather:
 * cut (reset, and reset again when it is dialled), silent in one direction or both, or slow.
 * Silence is what dropped packets look like: connections stay open, nothing arrives, and what was
 * sent meanwhile arrives when the silence ends. Nothing is lost or damaged within a connection.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { decodeGreeting, GREETING_BYTES } from "../../src/io/bus/greeting.ts";

/** What happens to the link between the proxy's node and one other node. */
export interface LinkWeather {
  /** Connections are reset, new ones too. */
  readonly isCut: boolean;
  /** Nothing of the other node reaches the proxy's node. */
  readonly isSilentTowards: boolean;
  /** Nothing of the proxy's node reaches the other one. */
  readonly isSilentFrom: boolean;
  /** Bytes arrive so much later, in either direction. */
  readonly delayMs: number;
}

/** Nothing happens. */
export const FAIR: LinkWeather = {
  isCut: false,
  isSilentTowards: false,
  isSilentFrom: false,
  delayMs: 0,
};

/** The proxy of one node. */
export class TcpProxy {
  /** Where the node really listens; what comes before it is set waits. */
  targetPort = 0;
  readonly #server: Server;
  readonly #passages = new Set<Passage>();
  readonly #weather = new Map<string, LinkWeather>();

  constructor() {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accepted(socket));
  }

  /** Where nodes connect. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Listens on a port the system chooses. */
  async start(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  /** Changes the weather between the proxy's node and the node with that id. */
  setWeather(remoteId: string, weather: LinkWeather): void {
    this.#weather.set(remoteId, weather);
    for (const passage of this.#passages) {
      if (passage.remoteId === remoteId) passage.setWeather(weather);
    }
  }

  /** Ends everything. */
  stop(): void {
    this.#server.close();
    for (const passage of this.#passages) passage.reset();
  }

  #accepted(socket: Socket): void {
    const passage = new Passage(socket, {
      targetPort: () => this.targetPort,
      weatherOf: (remoteId) => this.#weather.get(remoteId) ?? FAIR,
      over: () => this.#passages.delete(passage),
    });
    this.#passages.add(passage);
  }
}

interface PassageOwner {
  targetPort(): number;
  weatherOf(remoteId: string): LinkWeather;
  over(): void;
}

/** One dialled connection and its continuation to the node. */
class Passage {
  /** Who has dialled, once it has said so. */
  remoteId = "";
  readonly #dialler: Socket;
  readonly #owner: PassageOwner;
  readonly #towards: OneWay;
  #greeting = Buffer.alloc(0);
  #from: OneWay | undefined;
  #target: Socket | undefined;

  constructor(dialler: Socket, owner: PassageOwner) {
    this.#dialler = dialler;
    this.#owner = owner;
    this.#towards = new OneWay(dialler);
    dialler.setNoDelay(true);
    dialler.on("error", () => this.reset());
    dialler.on("close", () => this.#closed());
    dialler.on("data", this.#greeted);
  }

  setWeather(weather: LinkWeather): void {
    if (weather.isCut) this.reset();
    this.#towards.set(weather.isSilentTowards, weather.delayMs);
    this.#from?.set(weather.isSilentFrom, weather.delayMs);
  }

  /** Ends both connections at once, as a lost route with a reset does. */
  reset(): void {
    for (const socket of [this.#dialler, this.#target]) {
      if (socket !== undefined && !socket.destroyed) socket.resetAndDestroy();
    }
    this.#owner.over();
  }

  readonly #greeted = (chunk: Buffer): void => {
    this.#greeting = Buffer.concat([this.#greeting, chunk]);
    if (this.#greeting.length < GREETING_BYTES) return;
    this.#dialler.off("data", this.#greeted);
    this.#dialler.pause();
    this.remoteId = decodeGreeting(this.#greeting.subarray(0, GREETING_BYTES))?.nodeId ?? "";
    this.#connect();
  };

  #connect(): void {
    const weather = this.#owner.weatherOf(this.remoteId);
    if (weather.isCut) {
      this.reset();
      return;
    }
    const port = this.#owner.targetPort();
    const target = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    this.#target = target;
    target.on("error", () => this.reset());
    target.on("close", () => this.#closed());
    this.#from = new OneWay(target);
    this.#towards.open(target, this.#greeting);
    this.#from.open(this.#dialler);
    this.setWeather(weather);
  }

  /** A connection that has ended both ways ends the other one; what is under way is let go first. */
  #closed(): void {
    if (this.#dialler.destroyed && (this.#target?.destroyed ?? true)) this.#owner.over();
  }
}

/** Bytes in one direction, with the end of the stream as the last of them. */
class OneWay {
  readonly #source: Socket;
  readonly #waiting: { readonly atMs: number; readonly bytes: Buffer | undefined }[] = [];
  #sink: Socket | undefined;
  #isSilent = false;
  #delayMs = 0;

  constructor(source: Socket) {
    this.#source = source;
  }

  /** Passes on what comes, after these bytes. */
  open(sink: Socket, first?: Buffer): void {
    this.#sink = sink;
    if (first !== undefined) this.#take(first);
    this.#source.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#source.on("end", () => this.#take(undefined));
    if (!this.#isSilent) this.#source.resume();
  }

  set(isSilent: boolean, delayMs: number): void {
    this.#isSilent = isSilent;
    this.#delayMs = delayMs;
    if (this.#sink === undefined) return;
    // The kernel's buffers fill up, and then the sender's: as with packets that nobody confirms.
    if (isSilent) this.#source.pause();
    else this.#source.resume();
    this.#pass();
  }

  #take(bytes: Buffer | undefined): void {
    this.#waiting.push({ atMs: performance.now() + this.#delayMs, bytes });
    if (this.#delayMs > 0) setTimeout(() => this.#pass(), this.#delayMs + 1).unref();
    else this.#pass();
  }

  #pass(): void {
    const nowMs = performance.now();
    while (!this.#isSilent && this.#waiting[0] !== undefined && this.#waiting[0].atMs <= nowMs) {
      const { bytes } = this.#waiting.shift() as { bytes: Buffer | undefined };
      if (this.#sink === undefined || this.#sink.destroyed) continue;
      if (bytes === undefined) this.#sink.end();
      else this.#sink.write(bytes);
    }
  }
}
