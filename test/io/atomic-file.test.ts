/**
 * Replacing a file in one step: the order of the system calls, and what every failure leaves.
 * Failures are made by replacing single calls of the file system.
 */
import assert from "node:assert/strict";
import * as realFs from "node:fs";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type AtomicFileSystem, replaceFile } from "../../src/io/atomic-file.ts";
import { tempDir } from "../support/temp-dir.ts";

/** The real file system, with some calls replaced. */
function fileSystem(replaced: Partial<AtomicFileSystem>): AtomicFileSystem {
  const { openSync, writeSync, fchmodSync, fsyncSync, closeSync, renameSync, unlinkSync } = realFs;
  const calls = { openSync, writeSync, fchmodSync, fsyncSync, closeSync, renameSync, unlinkSync };
  return { ...calls, ...replaced };
}

/** A system error as node:fs throws it. */
function systemError(code: string, errno: number): Error {
  return Object.assign(new Error(`${code}: made up by the test`), { code, errno });
}

const NO_SPACE = systemError("ENOSPC", -28);
const IO_ERROR = systemError("EIO", -5);

test("a new file gets its content and exactly the mode asked for", async (t) => {
  const path = join(await tempDir(t), "file");
  const umask = process.umask(0o077);
  t.after(() => process.umask(umask));
  replaceFile(path, Buffer.from("hello"), 0o644);
  assert.equal(readFileSync(path, "utf8"), "hello");
  assert.equal(statSync(path).mode & 0o777, 0o644);
});

test("an old file is replaced, and nothing else is left in the folder", async (t) => {
  const folder = await tempDir(t);
  const path = join(folder, "file");
  writeFileSync(path, "a much longer old content");
  replaceFile(path, Buffer.from("new"), 0o600);
  assert.equal(readFileSync(path, "utf8"), "new");
  assert.deepEqual(readdirSync(folder), ["file"]);
});

test("an empty content is a content", async (t) => {
  const path = join(await tempDir(t), "file");
  replaceFile(path, Buffer.alloc(0), 0o600);
  assert.equal(statSync(path).size, 0);
});

test("the content is on the disk before it gets the name, and then so is the name", async (t) => {
  const path = join(await tempDir(t), "file");
  const order: string[] = [];
  const fs = fileSystem({
    writeSync: (...args) => {
      order.push("write");
      return realFs.writeSync(...args);
    },
    fsyncSync: (fd) => {
      order.push(realFs.fstatSync(fd).isDirectory() ? "sync folder" : "sync file");
      realFs.fsyncSync(fd);
    },
    renameSync: (from, to) => {
      order.push("rename");
      realFs.renameSync(from, to);
    },
  });
  replaceFile(path, Buffer.from("x"), 0o600, fs);
  assert.deepEqual(order, ["write", "sync file", "rename", "sync folder"]);
});

test("writes that come out short are continued", async (t) => {
  const path = join(await tempDir(t), "file");
  const fs = fileSystem({
    writeSync: (fd, bytes, offset, length) =>
      realFs.writeSync(fd, bytes, offset, Math.min(length, 3)),
  });
  replaceFile(path, Buffer.from("ten bytes!"), 0o600, fs);
  assert.equal(readFileSync(path, "utf8"), "ten bytes!");
});

for (const call of ["writeSync", "fchmodSync", "fsyncSync", "renameSync"] as const) {
  test(`when ${call} fails the old content stays and no temporary file is left`, async (t) => {
    const folder = await tempDir(t);
    const path = join(folder, "file");
    writeFileSync(path, "old");
    const fail = (): never => {
      throw NO_SPACE;
    };
    assert.throws(
      () => replaceFile(path, Buffer.from("new"), 0o600, fileSystem({ [call]: fail })),
      { message: `cannot write ${path}: No space left on device`, cause: NO_SPACE },
    );
    assert.equal(readFileSync(path, "utf8"), "old");
    assert.deepEqual(readdirSync(folder), ["file"]);
  });
}

test("a folder that cannot be synced by its nature is accepted, a broken one is not", async (t) => {
  const path = join(await tempDir(t), "file");
  const syncFolderWith = (error: Error): AtomicFileSystem =>
    fileSystem({
      fsyncSync: (fd) => {
        if (realFs.fstatSync(fd).isDirectory()) throw error;
      },
    });
  replaceFile(path, Buffer.from("x"), 0o600, syncFolderWith(systemError("EINVAL", -22)));
  assert.throws(
    () => replaceFile(path, Buffer.from("y"), 0o600, syncFolderWith(IO_ERROR)),
    /cannot write .*: I\/o error/i,
  );
});

test("a missing folder and a folder in the file's place are clear errors", async (t) => {
  const folder = await tempDir(t);
  assert.throws(
    () => replaceFile(join(folder, "no", "file"), Buffer.from("x"), 0o600),
    /cannot write .*no\/file: No such file or directory/,
  );
  mkdirSync(join(folder, "taken", "full"), { recursive: true });
  assert.throws(() => replaceFile(join(folder, "taken"), Buffer.from("x"), 0o600), /cannot write/);
  assert.deepEqual(readdirSync(folder), ["taken"]);
});

test("a symbolic link stays, and the file it names is replaced", async (t) => {
  const folder = await tempDir(t);
  mkdirSync(join(folder, "real"));
  writeFileSync(join(folder, "real", "file"), "old");
  const link = join(folder, "link");
  symlinkSync(join("real", "file"), link);
  replaceFile(link, Buffer.from("new"), 0o600);
  assert.equal(realFs.lstatSync(link).isSymbolicLink(), true);
  assert.equal(readFileSync(join(folder, "real", "file"), "utf8"), "new");
});

test("a temporary file left by a crash is no obstacle", async (t) => {
  const folder = await tempDir(t);
  writeFileSync(join(folder, `.file.${process.pid}.tmp`), "half");
  replaceFile(join(folder, "file"), Buffer.from("new"), 0o600);
  assert.deepEqual(readdirSync(folder), ["file"]);
});
