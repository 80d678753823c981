/**
 * CLUSTER RESET HARD with a log: whenever the process or its machine ends, the next start finds one node, with
 * all jobs it has promised to keep and none that it was told to forget.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeDisk, PowerCut, systemError } from "./fake-disk.ts";
import { LogScene, type MachineOptions, type SceneIdentity } from "./log-scene.ts";

const [FIRST, SECOND, THIRD] = ["a", "b", "c"].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
];
const OTHER_BOOT = { bootId: "2".repeat(32) };

/** What one life has left behind. */
interface Left {
  readonly disk: FakeDisk;
  readonly identity: SceneIdentity;
  readonly promised: readonly string[];
}

/** A life on a disk whose power fails at this call. */
async function live(
  appendfsync: string,
  cutAtCall: number,
  story: (scene: LogScene) => void,
  machine: MachineOptions = {},
): Promise<Left> {
  const disk = new FakeDisk();
  disk.cutAtCall = cutAtCall;
  const identity = { nodeId: FIRST, formerIds: [] };
  let scene: LogScene | undefined;
  try {
    scene = await LogScene.start(disk, { appendfsync }, { ...machine, identity });
    story(scene);
  } catch (error) {
    passPowerCut(error);
  }
  return { disk, identity, promised: scene?.promised ?? [] };
}

function passPowerCut(error: unknown): void {
  const { cause } = error as Error;
  assert.ok(error instanceof PowerCut || cause instanceof PowerCut, String(error));
}

/** Each job is told by the id that the node had: what it promised as another one is over with it. */
function judge(jobs: readonly string[], { identity, promised }: Left, when: string): void {
  const resets = [FIRST, SECOND, THIRD].indexOf(identity.nodeId);
  const heard = promised.filter((word) => word === "reset").length;
  assert.ok(resets >= heard, `${heard} resets were promised, ${when}`);
  for (const job of jobs) assert.equal(job[0], String(resets), `${job} is back, ${when}`);
  for (const word of promised) {
    if (word[1] === String(resets)) assert.ok(jobs.includes(word.slice(1)), `${word}, ${when}`);
  }
}

/** Ends the story at every call, once as a kill and in some ways as a power failure. */
async function endEverywhere(
  story: (scene: LogScene) => void,
  said: number,
  options: MachineOptions = {},
): Promise<void> {
  for (const appendfsync of ["always", "everysec"]) {
    const whole = await live(appendfsync, Number.POSITIVE_INFINITY, story, options);
    assert.equal(whole.promised.length, said, "everything is answered at last");
    for (let cut = 1; cut <= whole.disk.calls; cut++) {
      const left = await live(appendfsync, cut, story, options);
      const when = `${appendfsync}, cut at call ${cut} of ${whole.disk.calls}`;
      const identity = { ...left.identity };
      const killed = await LogScene.start(left.disk.afterKill(), { appendfsync }, { identity });
      judge(killed.jobs, left, `killed, ${when}`);
      for (const extraBytes of [0, 95, 100_000]) {
        const disk = left.disk.afterPowerLoss(extraBytes);
        const machine = { identity: { ...left.identity }, ...OTHER_BOOT };
        const again = await LogScene.start(disk, { appendfsync }, machine);
        judge(again.jobs, appendfsync === "always" ? left : { ...left, promised: [] }, when);
      }
    }
  }
}

test("a node that was reset is one node and keeps its promises, wherever it is cut off", async () => {
  await endEverywhere((scene) => {
    resetOnce(scene);
    scene.advance(1100);
    scene.rest();
    scene.add("1c");
    scene.rest();
  }, 6);
});

test("also when it is reset again before the log was rewritten", async () => {
  await endEverywhere((scene) => {
    scene.add("0a");
    scene.turn();
    scene.reset(SECOND);
    scene.add("1a");
    scene.turn();
    scene.reset(THIRD);
    scene.add("2a");
    scene.rest();
    scene.advance(1100);
    scene.add("2b");
    scene.rest();
  }, 6);
});

test("while the nodes file cannot be written nothing is written in the name of the new id", async () => {
  await endEverywhere((scene) => {
    scene.add("0a");
    scene.rest();
    scene.isNodesFileStuck = true;
    scene.reset(SECOND);
    scene.add("1a");
    scene.turn();
    assert.deepEqual(scene.promised, ["+0a"]);
    assert.match(scene.log.refusal, /not saved/);
    scene.isNodesFileStuck = false;
    scene.advance(1100);
    scene.rest();
    scene.advance(1100);
    scene.rest();
  }, 3);
});

test("a log that is off when the node is reset does not stop a later start", async () => {
  const scene = await LogScene.start(new FakeDisk());
  scene.add("0a");
  scene.rest();
  scene.log.turn(false);
  scene.rest();
  scene.reset(SECOND);
  scene.rest();
  const { identity } = scene;
  const again = await LogScene.start(scene.disk.afterKill(), {}, { identity });
  assert.deepEqual(again.jobs, []);
  again.add("1a");
  again.rest();
  const last = await LogScene.start(again.disk.afterKill(), {}, { identity });
  assert.deepEqual(last.jobs, ["1a"]);
});

test("a node that stops while the log of its new id is not begun begins it then", async () => {
  const scene = await LogScene.start(new FakeDisk());
  scene.add("0a");
  scene.rest();
  scene.disk.fault = () => Object.assign(new Error("full"), { code: "ENOSPC" });
  scene.reset(SECOND);
  scene.identity.formerIds = [FIRST];
  scene.identity.nodeId = SECOND;
  scene.turn();
  scene.disk.fault = () => undefined;
  scene.log.close();
  const { identity } = scene;
  const again = await LogScene.start(scene.disk.afterPowerLoss(), {}, { identity, ...OTHER_BOOT });
  assert.deepEqual(again.jobs, []);
});

test("the log of a node that this one never was is refused", async () => {
  const scene = await LogScene.start(new FakeDisk());
  scene.rest();
  const identity = { nodeId: SECOND, formerIds: [THIRD] };
  const start = LogScene.start(scene.disk.afterKill(), {}, { identity });
  await assert.rejects(start, new RegExp(`it is the log of node ${FIRST}`));
});

/** A reset with jobs before and behind it. */
function resetOnce(scene: LogScene): void {
  scene.add("0a");
  scene.turn();
  scene.add("0b");
  scene.reset(SECOND);
  scene.add("1a");
  scene.turn();
  scene.add("1b");
  scene.rest();
}

test("in a log of many small segments, and in the middle of a rewrite, it is the same", async () => {
  const small = { segmentBytes: 150, rewriteBytes: 1 };
  await endEverywhere(
    (scene) => {
      scene.add("0z");
      scene.rest();
      scene.log.rewrite();
      scene.turn();
      resetOnce(scene);
      scene.advance(1100);
      scene.rest();
    },
    6,
    small,
  );
});

test("a disk that fails to sync around the reset costs no promise either", async () => {
  await endEverywhere((scene) => {
    scene.add("0z");
    scene.rest();
    scene.disk.fault = (call) => (call === "sync" ? systemError("EIO") : undefined);
    resetOnce(scene);
    scene.advance(1100);
    scene.disk.fault = () => undefined;
    for (let i = 0; i < 6; i++) {
      scene.rest();
      scene.advance(1100);
    }
    scene.rest();
  }, 6);
});

test("the start that follows may be cut off anywhere as well", async () => {
  const settings = { appendfsync: "always" };
  const whole = await live("always", Number.POSITIVE_INFINITY, resetOnce);
  let cuts = 0;
  for (let cut = 1; cut <= whole.disk.calls; cut++) {
    const left = await live("always", cut, resetOnce);
    for (let second = 1; ; second++) {
      const identity = { ...left.identity };
      const disk = left.disk.afterPowerLoss();
      disk.cutAtCall = second;
      try {
        await LogScene.start(disk, settings, { identity, ...OTHER_BOOT });
        break;
      } catch (error) {
        passPowerCut(error);
      }
      for (const next of [disk.afterKill(), disk.afterPowerLoss()]) {
        const again = await LogScene.start(next, settings, { identity: { ...identity } });
        judge(again.jobs, left, `cut at call ${cut}, then at call ${second} of the start`);
        cuts++;
      }
    }
  }
  assert.ok(cuts > 200, `${cuts} ends`);
});
