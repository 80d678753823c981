/**
 * Somebody who connects to a bus and may do anything: say nothing, send garbage, never read; also
 * after a handshake that he did as a good peer would.
 */
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import type { Channel } from "../../../src/cluster/wire/channel.ts";
import { PROTOCOL_VERSION } from "../../../src/cluster/wire/frame-format.ts";
import { Handshake } from "../../../src/io/bus/handshake.ts";
import { ClusterSecrets } from "../../../src/io/bus/secrets.ts";
import { atEnd } from "../../support/cleanup.ts";
import { eventually } from "../../support/eventually.ts";
import { agreeable, greetingOf } from "./duet.ts";
import { idOf, type TestBus, type testTable } from "./test-bus.ts";

/** A connection to a bus. */
export class RawPeer {
  readonly socket: Socket;
  /** Bytes that came and nobody took. */
  readonly received: Buffer[] = [];
  isClosed = false;

  /** Connects. */
  static async connect(t: TestContext, bus: TestBus): Promise<RawPeer> {
    const peer = new RawPeer(connect(bus.address));
    atEnd(t, () => {
      peer.socket.destroy();
    });
    await eventually(() => !peer.socket.connecting, { what: "a connection" });
    return peer;
  }

  /** Connects and becomes a peer with that digit for an id. */
  static async join(t: TestContext, bus: TestBus, digit: string): Promise<RawPeer> {
    const peer = await RawPeer.connect(t, bus);
    const handshake = new Handshake({
      role: "dialler",
      own: greetingOf({ nodeId: idOf(digit), versionMax: PROTOCOL_VERSION }),
      prover: new ClusterSecrets([]),
      judge: agreeable,
      send: (bytes) => peer.socket.write(bytes),
    });
    await eventually(
      () => {
        const bytes = Buffer.concat(peer.received.splice(0));
        const at = handshake.receive(bytes, 0, bytes.length);
        if (at < bytes.length) peer.received.push(bytes.subarray(at));
        return handshake.verdict;
      },
      { what: "the end of the handshake" },
    );
    assert.equal(handshake.verdict?.isUp, true);
    await eventually(() => bus.peers.includes(digit), { what: "the bus has the link" });
    return peer;
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => this.received.push(bytes));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.isClosed = true;
    });
  }

  /** Speaks as a peer does: everything that the channel has to say. */
  speak(channel: Channel<typeof testTable>): void {
    for (const bytes of channel.take()) this.socket.write(bytes);
  }

  /** Waits until the bus has closed it. */
  async closed(): Promise<void> {
    await eventually(() => this.isClosed, { what: "the bus closes the connection" });
  }
}
