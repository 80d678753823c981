/**
 * The network between simulated machines: how long things take, and which ways are closed.
 *
 * Ways are closed one direction at a time; what is sent meanwhile waits, connections stay open, as when
 * packets are dropped silently. New connections need both directions. It carries whatever sockets give
 * it (connection.ts) and knows nobody's messages.
 */
import { Socket, type SocketHome } from "./connection.ts";
import type { World } from "./world.ts";

/** The system asks again for a connection after that, mostly. */
const SYN_AGAIN_MS = 200;

/** Who can be called. */
export interface Callee extends SocketHome {
  /** Somebody has connected. */
  accept(socket: Socket): void;
}

/** All ways between machines. */
export class Network {
  readonly world: World;
  /** Writing takes until what is written has arrived: messages queue up behind it. */
  areLinksSlow = false;
  /** Every way takes so much longer. */
  spikeMs = 0;
  readonly #callees = new Map<string, Callee>();
  readonly #poweredOff = new Set<number>();
  readonly #blocked = new Map<string, number>();
  readonly #held = new Set<Socket>();
  readonly #sockets = new Set<Socket>();

  constructor(world: World) {
    this.world = world;
  }

  /** One way at this moment. */
  delayMs(_from: number, _to: number): number {
    const { delayMinMs, delayMaxMs } = this.world.config;
    const spikeMs = this.spikeMs === 0 ? 0 : this.world.random.fraction() * this.spikeMs;
    return this.world.between(delayMinMs, delayMaxMs) + spikeMs;
  }

  listen(ip: string, callee: Callee): void {
    this.#callees.set(ip, callee);
  }

  /** The address of whoever is at the other end. */
  ipOf(home: SocketHome | undefined): string {
    return `10.0.0.${home?.machine.number}`;
  }

  /** A machine loses its power, or has it again. */
  setPower(machine: number, isOn: boolean): void {
    if (isOn) this.#poweredOff.delete(machine);
    else this.#poweredOff.add(machine);
  }

  isUp(machine: number): boolean {
    return !this.#poweredOff.has(machine);
  }

  /**
   * Connects to an address. `connected` gets a socket, or undefined when nobody listens there; neither
   * happens while the way is closed or the machine is off.
   */
  dial(home: SocketHome, ip: string, connected: (socket: Socket | undefined) => void): void {
    const machine = this.#machineAt(ip);
    const roundTripMs = this.delayMs(home.machine.number, machine) * 2;
    this.world.after(roundTripMs, () => {
      if (!home.isAlive) return;
      const isCut =
        this.isBlocked(home.machine.number, machine) ||
        this.isBlocked(machine, home.machine.number);
      if (isCut || !this.isUp(machine)) {
        // The system tries again.
        this.world.after(SYN_AGAIN_MS, () => this.dial(home, ip, connected));
        return;
      }
      const callee = this.#callees.get(ip);
      if (!callee?.isAlive) {
        home.post(() => connected(undefined));
        return;
      }
      const here = new Socket(this, home);
      const there = new Socket(this, callee);
      here.peer = there;
      there.peer = here;
      this.#sockets.add(here).add(there);
      callee.post(() => callee.accept(there));
      home.post(() => connected(here));
    });
  }

  /** Nothing gets from one machine to the other until `unblock` was called as often. */
  block(from: number, to: number): void {
    const key = `${from}>${to}`;
    this.#blocked.set(key, (this.#blocked.get(key) ?? 0) + 1);
  }

  unblock(from: number, to: number): void {
    const key = `${from}>${to}`;
    const times = (this.#blocked.get(key) ?? 0) - 1;
    if (times > 0) this.#blocked.set(key, times);
    else this.#blocked.delete(key);
    const held = [...this.#held].filter((socket) => !socket.isBlocked);
    for (const socket of held) {
      this.#held.delete(socket);
      this.world.after(this.delayMs(from, to), () => socket.deliver());
    }
  }

  isBlocked(from: number, to: number): boolean {
    return this.#blocked.size > 0 && this.#blocked.has(`${from}>${to}`);
  }

  /** Both can hear each other. */
  isOpenBetween(a: number, b: number): boolean {
    return !this.isBlocked(a, b) && !this.isBlocked(b, a);
  }

  /** Keeps a socket whose way is closed. */
  hold(socket: Socket): void {
    this.#held.add(socket);
  }

  /** The open connections of one process. */
  socketsOf(home: SocketHome): Socket[] {
    return [...this.#sockets].filter((socket) => socket.isOpen && socket.home === home);
  }

  #machineAt(ip: string): number {
    return Number(ip.slice(ip.lastIndexOf(".") + 1));
  }

  /** Every open connection. */
  sockets(): Socket[] {
    for (const socket of this.#sockets) {
      if (!socket.isOpen && !socket.peer?.isOpen) this.#sockets.delete(socket);
    }
    return [...this.#sockets].filter((socket) => socket.isOpen && socket.home.isAlive);
  }
}
