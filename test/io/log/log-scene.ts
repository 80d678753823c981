/**
 * A broker with a log on a fake disk, and a client who notes what it was promised and when.
 *
 *     const scene = await LogScene.start(disk, { appendfsync: "always" });
 *     scene.add("a");
 *     scene.turn();                        // written, and a sync has begun
 *     assert.deepEqual(scene.promised, []);
 *     disk.settle();
 *     scene.turn();
 *     assert.deepEqual(scene.promised, ["+a"]);
 *
 * What is said goes through the same rows as real replies (held-back.ts). Jobs are named by their bodies;
 * "+a" is the promise that a is kept, "-a" the promise that it does not come back.
 */
import { Config, defaultState } from "../../../src/config/config.ts";
import { Broker } from "../../../src/core/broker.ts";
import { type Job, NO_JOB } from "../../../src/core/job.ts";
import { HeldBack, type Speaker } from "../../../src/io/held-back.ts";
import { LogFolder } from "../../../src/io/log/log-folder.ts";
import { LogStart } from "../../../src/io/log/log-start.ts";
import { NodeLog } from "../../../src/io/log/node-log.ts";
import { Replay } from "../../../src/journal/replay.ts";
import { FakeHost } from "../../support/fake-host.ts";
import type { FakeDisk } from "./fake-disk.ts";

const NODE_ID = "a".repeat(40);
const FOLDER = "/data/log";
const NODES_FILE = "/data/nodes.conf";

/** A client of which only what it hears matters. */
class Listener implements Speaker {
  isHeldBack = false;
  readonly heard: string[] = [];
  #said: string[] = [];
  #sealed = 0;

  say(word: string): void {
    this.#said.push(word);
  }

  flush(isAllSafe: boolean): boolean {
    if (isAllSafe) this.#hear(this.#said.length);
    return this.#said.length > 0;
  }

  seal(): void {
    this.#sealed = this.#said.length;
  }

  release(): boolean {
    this.#hear(this.#sealed);
    this.#sealed = 0;
    return this.#said.length > 0;
  }

  #hear(count: number): void {
    this.heard.push(...this.#said.splice(0, count));
  }
}

/** What the nodes file says; it outlives the process. */
export interface SceneIdentity {
  nodeId: string;
  formerIds: string[];
}

/** What is not ordinary about the machine. */
export interface MachineOptions {
  readonly identity?: SceneIdentity;
  /** Another one after a power loss. */
  readonly bootId?: string;
  readonly segmentBytes?: number;
  /** Of zeros ahead of blocks. */
  readonly roomBytes?: number;
  /** What a pass writes in a turn at least. */
  readonly rewriteBytes?: number;
}

/** For a few of the blocks of a scene, which are small. */
const ROOM_BYTES = 500;

let scenes = 0;

/** See above. */
export class LogScene {
  readonly disk: FakeDisk;
  readonly host: FakeHost;
  readonly broker: Broker;
  readonly log: NodeLog;
  readonly config: Config;
  readonly messages: string[] = [];
  readonly measured: string[] = [];
  /** Of the memory. */
  incarnation = 1;
  readonly identity: SceneIdentity;
  readonly #client = new Listener();
  readonly #replies = new HeldBack<Listener>();
  /** The nodes file cannot be written. */
  isNodesFileStuck = false;
  #wantsTurn = false;

  /** Loads what is on the disk and begins to write. Rejects as a start does. */
  static async start(
    disk: FakeDisk,
    settings: Readonly<Record<string, unknown>> = {},
    machine: MachineOptions = {},
  ): Promise<LogScene> {
    const scene = new LogScene(disk, settings, machine);
    const { log, broker, host } = scene;
    const start = new LogStart({
      ...log.parts,
      makeReplay: () => new Replay({ broker, host, nodes: log.parts.nodes }),
      nodeId: scene.identity.nodeId,
      formerIds: scene.identity.formerIds,
      acceptsTorn: scene.config.settings["aof-load-truncated"],
    });
    const loaded = await start.load();
    if (scene.config.settings.appendonly) log.begin(loaded);
    scene.#forgetFormerIds();
    return scene;
  }

  private constructor(
    disk: FakeDisk,
    settings: Readonly<Record<string, unknown>>,
    {
      bootId = "1".repeat(32),
      identity = { nodeId: NODE_ID, formerIds: [] },
      ...machine
    }: MachineOptions,
  ) {
    this.disk = disk;
    this.identity = identity;
    // Ids are drawn by chance: two processes must not draw the same.
    this.host = new FakeHost(++scenes, {});
    this.broker = new Broker(this.host, { nodeId: identity.nodeId, maxMemoryBytes: 0 });
    const defaults = defaultState();
    const values = { ...defaults.values, dir: "/data", appendonly: true, ...settings };
    this.config = new Config({ ...defaults, values });
    const note = (message: string): void => {
      this.messages.push(message);
    };
    this.log = new NodeLog({
      folder: new LogFolder(disk, FOLDER),
      settings: this.config.settings,
      broker: this.broker,
      host: this.host,
      nodes: { id: (index) => (index === 0 ? this.broker.nodeId : ""), index: () => -1 },
      incarnation: () => this.incarnation,
      bootId,
      roomBytes: ROOM_BYTES,
      ...machine,
      log: { debug: note, verbose: note, notice: note, warning: note, fatal: note },
      touch: () => {
        this.#wantsTurn = true;
      },
      measured: (delay) => this.measured.push(delay),
      obstacle: () => (this.broker.nodeId === identity.nodeId ? "" : "not saved"),
    });
  }

  /** What the client has heard. */
  get promised(): readonly string[] {
    return this.#client.heard;
  }

  /** Bodies of the jobs there are, sorted. */
  get jobs(): string[] {
    const { jobs } = this.broker;
    const bodies: string[] = [];
    for (let job = 0; job < jobs.handleLimit; job++) {
      if (jobs.isLive(job as Job)) bodies.push(this.#body(job as Job));
    }
    return bodies.sort();
  }

  add(body: string): void {
    const queue = this.broker.queues.entry(Buffer.from("q"), 0, 1);
    const bytes = Buffer.from(body);
    this.broker.addJob(queue, bytes, 0, bytes.length, {
      replicate: 1,
      delaySeconds: 0,
      retrySeconds: 300,
      ttlSeconds: 86_400,
    });
    this.#say(`+${body}`);
  }

  remove(body: string): void {
    const { jobs } = this.broker;
    for (let job = 0; job < jobs.handleLimit; job++) {
      if (!jobs.isLive(job as Job) || this.#body(job as Job) !== body) continue;
      this.broker.lifecycle.end(job as Job, "deleted");
      this.#say(`-${body}`);
      return;
    }
  }

  /** CLUSTER RESET HARD. */
  reset(newId: string): void {
    this.broker.flush();
    this.broker.nodeId = newId;
    this.incarnation++;
    this.log.identityChanged();
    this.#say("reset");
  }

  /** One turn; and more, as long as something has become ready meanwhile. */
  turn(): void {
    do {
      this.#wantsTurn = false;
      this.#saveIdentity();
      this.log.endTurn();
      this.#replies.flush(this.log);
    } while (this.#wantsTurn);
  }

  /** Time passes, with a turn at its end. */
  advance(ms: number): void {
    this.host.nowMs += ms;
    this.host.wallMs += ms;
    this.turn();
  }

  /** Turns and answers of the disk, until everything is quiet. */
  rest(): void {
    for (let i = 0; i < 50; i++) {
      this.turn();
      this.disk.settle();
    }
  }

  /** The nodes file is replaced as a whole, which is one call to the disk here. */
  #saveIdentity(): void {
    const { identity, broker, disk } = this;
    if (identity.nodeId === broker.nodeId) return;
    const file = disk.create(NODES_FILE);
    disk.close(file);
    if (this.isNodesFileStuck) return;
    identity.formerIds = [...identity.formerIds, identity.nodeId];
    identity.nodeId = broker.nodeId;
  }

  /** What counts of the log is this node's now (identity.ts, saveAtStart). */
  #forgetFormerIds(): void {
    const { identity, disk } = this;
    if (!this.log.isOn || identity.formerIds.length === 0) return;
    disk.close(disk.create(NODES_FILE));
    identity.formerIds = [];
  }

  #say(word: string): void {
    this.#client.say(word);
    this.#replies.noteDirty(this.#client);
  }

  #body(job: Job): string {
    if (job === NO_JOB) return "";
    const body = Buffer.alloc(this.broker.jobs.bodyBytes(job));
    this.broker.jobs.copyBody(job, body, 0);
    return body.toString();
  }
}
