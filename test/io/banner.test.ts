/**
 * The start line and the warnings about limits, for made-up machines.
 * One test looks at the real one, whatever it is.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type MachineFacts,
  parseOpenFilesMax,
  readMachine,
  type StartFacts,
  startBanner,
} from "../../src/io/banner.ts";

const GB = 1024 ** 3;

const START: StartFacts = {
  version: "1.2.3",
  pid: 42,
  port: 7711,
  mode: "standalone",
  maxClients: 10_000,
  tcpBacklog: 511,
  maxMemoryBytes: GB,
};

const MACHINE: MachineFacts = {
  openFilesMax: 20_000,
  heapBytesMax: 2 * GB,
  containerBytesMax: undefined,
  machineBytes: 16 * GB,
  somaxconn: 4096,
};

/** The warnings for this start on this machine. */
function warnings(start: Partial<StartFacts>, machine: Partial<MachineFacts>): string[] {
  const [first, ...rest] = startBanner({ ...START, ...start }, { ...MACHINE, ...machine });
  assert.equal(first?.level, "notice");
  for (const line of rest) assert.equal(line.level, "warning");
  return rest.map((line) => line.message);
}

test("the first line says what starts, and within which limits", () => {
  assert.deepEqual(startBanner(START, MACHINE), [
    {
      level: "notice",
      message: "ringq is starting",
      data: {
        version: "1.2.3",
        pid: 42,
        port: 7711,
        mode: "standalone",
        node: process.version,
        openFilesMax: 20_000,
        heapMax: "2.00G",
        maxMemory: "1.00G",
        memory: "16.00G",
      },
    },
  ]);
});

test("limits that are none are called so", () => {
  const [line] = startBanner(
    { ...START, maxMemoryBytes: 0 },
    { ...MACHINE, openFilesMax: Infinity, containerBytesMax: 2 * GB },
  );
  assert.equal(line?.data.maxMemory, "unlimited");
  assert.equal(line?.data.openFilesMax, "unlimited");
  assert.equal(line?.data.memory, "2.00G");
});

test("too few open files for maxclients is a warning", () => {
  assert.deepEqual(warnings({ maxClients: 992 }, { openFilesMax: 1024 }), []);
  assert.match(warnings({ maxClients: 993 }, { openFilesMax: 1024 }).join(), /limit of open files/);
  assert.deepEqual(warnings({}, { openFilesMax: undefined }), []);
});

test("a backlog that the kernel cuts is a warning", () => {
  assert.deepEqual(warnings({ tcpBacklog: 128 }, { somaxconn: 128 }), []);
  assert.match(warnings({ tcpBacklog: 129 }, { somaxconn: 128 }).join(), /net\.core\.somaxconn/);
  assert.deepEqual(warnings({}, { somaxconn: undefined }), []);
});

test("a small heap is a warning", () => {
  assert.match(warnings({}, { heapBytesMax: 64 * 1024 * 1024 }).join(), /max-old-space-size/);
});

test("maxmemory above the machine's memory is a warning", () => {
  assert.deepEqual(warnings({ maxMemoryBytes: 16 * GB }, {}), []);
  assert.match(
    warnings({ maxMemoryBytes: 16 * GB + 1 }, {}).join(),
    /maxmemory is more than the memory of the machine/,
  );
  assert.deepEqual(warnings({ maxMemoryBytes: 0 }, {}), []);
});

test("maxmemory above the container's memory is a warning, if the machine has that much", () => {
  assert.match(
    warnings({ maxMemoryBytes: 3 * GB }, { containerBytesMax: 2 * GB }).join(),
    /memory of the container/,
  );
  assert.deepEqual(warnings({ maxMemoryBytes: 3 * GB }, { containerBytesMax: 2 ** 63 }), []);
});

test("the limit of open files is read from the kernel's table", () => {
  const table =
    "Limit                     Soft Limit           Hard Limit           Units     \n" +
    "Max open files            1024                 524288               files     \n" +
    "Max locked memory         unlimited            unlimited            bytes     \n";
  assert.equal(parseOpenFilesMax(table), 1024);
  assert.equal(parseOpenFilesMax(table.replace("1024", "unlimited")), Infinity);
  assert.equal(parseOpenFilesMax(""), undefined);
});

test("this machine can be looked at", () => {
  const machine = readMachine();
  assert.ok(machine.heapBytesMax > 0 && machine.machineBytes > 0);
  assert.ok(machine.containerBytesMax === undefined || machine.containerBytesMax > 0);
  assert.ok(startBanner(START, machine).length >= 1);
});
