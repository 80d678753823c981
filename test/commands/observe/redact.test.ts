/**
 * Which arguments are secrets. The cases that matter most are commands that are wrong:
 * a password one place off must not be shown either.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { secretPositions } from "../../../src/commands/observe/redact.ts";
import { argumentList } from "../../support/argument-list.ts";
import { fc } from "../../support/fast-check.ts";

const SECRET_DIRECTIVES = new Set(["requirepass", "cluster-secret", "http-password"]);

/** Secret positions of a command given as words. */
function secrets(...words: string[]): number[] {
  const args = argumentList(words);
  const command = (words[0] ?? "").toLowerCase();
  return [...secretPositions(command, args, (name) => SECRET_DIRECTIVES.has(name))];
}

test("every argument of AUTH is a secret", () => {
  assert.deepEqual(secrets("AUTH", "pass"), [1]);
  assert.deepEqual(secrets("auth", "default", "pass"), [1, 2]);
  assert.deepEqual(secrets("AUTH"), []);
});

test("user and password of HELLO are secrets, version and name are not", () => {
  assert.deepEqual(secrets("HELLO", "3", "AUTH", "default", "pass"), [3, 4]);
  assert.deepEqual(secrets("hello", "3", "setname", "me", "auth", "u", "p"), [5, 6]);
  assert.deepEqual(secrets("HELLO", "2", "auth", "u", "p", "SETNAME", "me"), [3, 4]);
  assert.deepEqual(secrets("HELLO"), []);
  assert.deepEqual(secrets("HELLO", "3"), []);
});

test("a HELLO that will be refused shows no password either", () => {
  assert.deepEqual(secrets("HELLO", "AUTH", "u", "p"), [2, 3]);
  assert.deepEqual(secrets("HELLO", "3", "AUTH", "p"), [3]);
  assert.deepEqual(secrets("HELLO", "3", "AUTH"), []);
  assert.ok(secrets("HELLO", "3", "AUTH", "auth", "p").includes(4));
});

test("the value after a secret directive of CONFIG SET is a secret", () => {
  assert.deepEqual(secrets("CONFIG", "SET", "requirepass", "x"), [3]);
  assert.deepEqual(secrets("config", "set", "RequirePass", "x"), [3]);
  assert.deepEqual(secrets("CONFIG", "SET", "maxmemory", "1gb"), []);
  assert.deepEqual(secrets("CONFIG", "SET", "hz", "10", "http-password", "x", "port", "1"), [5]);
});

test("a password with a blank and no quotes is hidden as a whole", () => {
  assert.deepEqual(secrets("CONFIG", "SET", "requirepass", "two", "words"), [3, 4]);
  assert.deepEqual(secrets("CONFIG", "SET", "requirepass"), []);
});

test("the arguments of a request that COMMAND GETKEYS asks about are secrets", () => {
  assert.deepEqual(secrets("COMMAND", "GetKeys", "AUTH", "pass"), [3]);
  assert.deepEqual(secrets("COMMAND", "DOCS", "AUTH"), []);
});

test("CONFIG GET and other commands have no secrets", () => {
  assert.deepEqual(secrets("CONFIG", "GET", "requirepass"), []);
  assert.deepEqual(secrets("CONFIG"), []);
  assert.deepEqual(secrets("ADDJOB", "q", "auth", "0"), []);
});

test("a renamed command keeps its secrets", () => {
  const args = argumentList(["open-sesame", "pass"]);
  assert.deepEqual([...secretPositions("auth", args, () => false)], [1]);
});

test("an enormous argument is not mistaken for a keyword, nor read as a whole", () => {
  assert.deepEqual(secrets("CONFIG", "SET", "x".repeat(100_000), "y"), []);
});

test("positions are always within the arguments and never the command's name", () => {
  const word = fc.constantFrom("auth", "set", "requirepass", "SETNAME", "3", "hz", "");
  fc.assert(
    fc.property(
      fc.constantFrom("auth", "hello", "config", "ping"),
      fc.array(word, { maxLength: 8 }),
      (command, rest) => {
        for (const position of secrets(command, ...rest)) {
          assert.ok(position >= 1 && position <= rest.length);
        }
      },
    ),
  );
});
