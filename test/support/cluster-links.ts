/**
 * The links between the nodes of a test cluster, each of which can be cut, silenced or slowed.
 *
 * Every node stands behind a proxy (tcp-proxy.ts), and either of two nodes may be the one that has
 * dialled; so what happens to a link is told to the proxies of both.
 */
import { FAIR, type LinkWeather, TcpProxy } from "./tcp-proxy.ts";

/** One node as its links need it. */
interface LinkEnd {
  readonly proxy: TcpProxy;
  nodeId: string;
}

/** The links of a cluster. Nodes are named by their place in it. */
export class ClusterLinks {
  readonly #ends: LinkEnd[] = [];

  /** Makes and starts a proxy for the next node. */
  async add(): Promise<TcpProxy> {
    const proxy = new TcpProxy();
    await proxy.start();
    this.#ends.push({ proxy, nodeId: "" });
    return proxy;
  }

  /** Connects a proxy with the node behind it, as soon as that runs. */
  join(node: number, nodeId: string, busPort: number): void {
    const end = this.#end(node);
    end.nodeId = nodeId;
    end.proxy.targetPort = busPort;
  }

  /** Resets every connection between two nodes until the link is healed. */
  cut(a: number, b: number): void {
    this.#set(a, b, { ...FAIR, isCut: true });
  }

  /** Nothing arrives between two nodes, in neither direction; their connections stay open. */
  silence(a: number, b: number): void {
    this.#set(a, b, { ...FAIR, isSilentTowards: true, isSilentFrom: true });
  }

  /** Nothing of `from` arrives at `to`; the other direction works. */
  silenceOneWay(from: number, to: number): void {
    this.#setAt(to, from, { ...FAIR, isSilentTowards: true });
    this.#setAt(from, to, { ...FAIR, isSilentFrom: true });
  }

  /** Bytes between two nodes take so much longer. */
  delay(a: number, b: number, delayMs: number): void {
    this.#set(a, b, { ...FAIR, delayMs });
  }

  /** The link works again. */
  heal(a: number, b: number): void {
    this.#set(a, b, FAIR);
  }

  /** Does something to all links between a node and the others. */
  forAllOf(node: number, action: (other: number) => void): void {
    for (let other = 0; other < this.#ends.length; other++) if (other !== node) action(other);
  }

  /** Ends all proxies. */
  stop(): void {
    for (const { proxy } of this.#ends) proxy.stop();
  }

  #set(a: number, b: number, weather: LinkWeather): void {
    this.#setAt(a, b, weather);
    this.#setAt(b, a, weather);
  }

  #setAt(node: number, other: number, weather: LinkWeather): void {
    this.#end(node).proxy.setWeather(this.#end(other).nodeId, weather);
  }

  #end(node: number): LinkEnd {
    const end = this.#ends[node];
    if (end === undefined) throw new Error(`no node ${node} behind a proxy`);
    return end;
  }
}
