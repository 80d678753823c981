/**
 * Two nodes dial each other in every imaginable order, and end with one link.
 *
 * The handshakes are real, the network is a list of what is under way; fast-check decides what
 * arrives next.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Handshake, type Role } from "../../../src/io/bus/handshake.ts";
import { Pairing } from "../../../src/io/bus/pairing.ts";
import { ClusterSecrets } from "../../../src/io/bus/secrets.ts";
import { fc } from "../../support/fast-check.ts";
import { greetingOf } from "./duet.ts";

const SMALL = "1".repeat(40);
const LARGE = "2".repeat(40);
const CLOSE = "close";

/** One end of one connection. */
class End {
  readonly node: Node;
  readonly role: Role;
  readonly handshake: Handshake;
  readonly underWay: (Buffer | typeof CLOSE)[] = [];
  peer: End | undefined;
  isClosed = false;

  constructor(node: Node, role: Role) {
    this.node = node;
    this.role = role;
    this.handshake = new Handshake({
      role,
      own: greetingOf({ nodeId: node.id }),
      prover: new ClusterSecrets([]),
      judge: {
        greeted: ({ nodeId }) => {
          if (role === "accepter" || node.pairing.claimDialled(nodeId, this)) return undefined;
          return "already-linked";
        },
        proven: ({ nodeId }) => {
          if (role === "dialler") return undefined;
          const claimed = node.pairing.claimAccepted(nodeId, this);
          if (claimed.isAccepted) claimed.loser?.close();
          return claimed.isAccepted ? undefined : "already-linked";
        },
      },
      send: (bytes) => this.underWay.push(bytes),
    });
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.underWay.push(CLOSE);
    this.node.ended(this);
  }

  /** The next thing that the peer has sent arrives. */
  arrive(): void {
    const next = this.peer?.underWay.shift();
    if (next === undefined || this.isClosed) return;
    if (next === CLOSE) {
      this.close();
      return;
    }
    this.handshake.receive(next, 0, next.length);
    const { verdict } = this.handshake;
    if (verdict?.isUp) this.node.up(this);
    else if (verdict !== undefined) this.close();
  }
}

class Node {
  readonly id: string;
  readonly otherId: string;
  readonly pairing: Pairing<End>;
  readonly story: string[] = [];
  link: End | undefined;

  constructor(id: string, otherId: string) {
    this.id = id;
    this.otherId = otherId;
    this.pairing = new Pairing(id, () => this.link !== undefined);
  }

  up(end: End): void {
    this.pairing.unclaim(this.otherId, end);
    this.link?.close();
    this.link = end;
    this.story.push("up");
  }

  ended(end: End): void {
    this.pairing.unclaim(this.otherId, end);
    if (this.link !== end) return;
    this.link = undefined;
    this.story.push("down");
  }
}

class World {
  readonly small = new Node(SMALL, LARGE);
  readonly large = new Node(LARGE, SMALL);
  readonly ends: End[] = [];

  dial(from: Node): void {
    const to = from === this.small ? this.large : this.small;
    const [dialler, accepter] = [new End(from, "dialler"), new End(to, "accepter")];
    dialler.peer = accepter;
    accepter.peer = dialler;
    this.ends.push(dialler, accepter);
  }

  /** Each choice lets something arrive at one of the ends; then everything that is left does. */
  run(choices: readonly number[]): void {
    for (const choice of choices) this.ends[choice % this.ends.length]?.arrive();
    while (this.ends.some((end) => end.underWay.length > 0)) {
      for (const end of this.ends) end.arrive();
    }
  }

  /** Both have the same link; returns it as the role that the node with the smaller id has in it. */
  theLink(): Role {
    const { link } = this.small;
    assert.ok(link);
    assert.equal(this.large.link, link.peer);
    const open = this.ends.filter((end) => !end.isClosed);
    assert.equal(open.length, 2, "the other connections are closed");
    return link.role;
  }
}

const choices = fc.array(fc.nat(1000), { maxLength: 60 });

test("both dial at once: one link, reported once, opened by the smaller id if it is a tie", () => {
  const roles = new Set<Role>();
  fc.assert(
    fc.property(choices, (order) => {
      const world = new World();
      world.dial(world.small);
      world.dial(world.large);
      world.run(order);
      roles.add(world.theLink());
      assert.deepEqual(world.small.story, ["up"]);
      assert.deepEqual(world.large.story, ["up"]);
    }),
    { numRuns: 500 },
  );
  assert.equal(roles.size, 2, "without a tie, the first one wins whoever opened it");
  const tie = new World();
  tie.dial(tie.large);
  tie.dial(tie.small);
  tie.run([1, 3, 0, 2]);
  assert.equal(tie.theLink(), "dialler");
});

test("any number of dials end with one link, reported once", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }), choices, (dials, order) => {
      const world = new World();
      for (const isSmall of dials) world.dial(isSmall ? world.small : world.large);
      world.run(order);
      world.theLink();
      assert.deepEqual(world.small.story, ["up"]);
      assert.deepEqual(world.large.story, ["up"]);
    }),
    { numRuns: 500 },
  );
});

test("a link that works is not exchanged for one that is dialled later", () => {
  for (const first of ["small", "large"] as const) {
    for (const second of ["small", "large"] as const) {
      const world = new World();
      world.dial(world[first]);
      world.run([]);
      const { link } = world.small;
      world.dial(world[second]);
      world.run([]);
      assert.equal(world.small.link, link);
      world.theLink();
    }
  }
});

test("a link that only one side still believes in gives way", () => {
  for (const forgetful of ["small", "large"] as const) {
    const world = new World();
    world.dial(world.small);
    world.run([]);
    const node = world[forgetful];
    const dead = node.link;
    assert.ok(dead);
    // The other side never hears of the end.
    dead.close();
    dead.underWay.length = 0;
    world.dial(node);
    world.run([]);
    assert.deepEqual(node.story, ["up", "down", "up"]);
    assert.equal(world.theLink(), forgetful === "small" ? "dialler" : "accepter");
  }
});
