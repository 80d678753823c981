/** Addresses as people write them: URLs, `host:port`, ports. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHostPort, parsePort, parseUrl, printAddress } from "../../src/client/address.ts";

const tcp = (host: string, port: number) => ({ kind: "tcp", host, port }) as const;

const good = [
  ["redis://", tcp("127.0.0.1", 7711), {}],
  ["redis://broker.example", tcp("broker.example", 7711), {}],
  ["redis://broker.example:7000/", tcp("broker.example", 7000), {}],
  ["redis://[::1]:7000/0", tcp("::1", 7000), {}],
  ["redis://:p%40ss@h:1", tcp("h", 1), { password: "p@ss" }],
  ["redis://ada:secret@h", tcp("h", 7711), { user: "ada", password: "secret" }],
  ["redis://secret@h", tcp("h", 7711), { password: "secret" }],
  ["rediss://h", tcp("h", 7711), { isTls: true }],
  ["unix:///run/ringq%20a.sock", { kind: "unix", path: "/run/ringq a.sock" }, {}],
] as const;

for (const [url, address, more] of good) {
  test(`${url} is understood`, () => {
    assert.deepEqual(parseUrl(url), { address, isTls: false, ...more });
  });
}

const bad = [
  "",
  "h:1",
  "http://h",
  "redis://h:0",
  "redis://h:70000",
  "redis://h/3",
  "redis://%ff@h",
];

for (const url of bad) {
  test(`${JSON.stringify(url)} is refused in words`, () => {
    assert.equal(typeof parseUrl(url), "string");
  });
}

test("a host and a port are read, IPv6 in brackets", () => {
  assert.deepEqual(parseHostPort("h:65535"), tcp("h", 65_535));
  assert.deepEqual(parseHostPort("[fe80::1]:1"), tcp("fe80::1", 1));
  for (const text of ["h", "h:", ":1", "h:0", "h:65536", "h:1:2", "a b:1"]) {
    assert.equal(parseHostPort(text), undefined, text);
  }
});

test("a port is digits from 1 to 65535", () => {
  assert.equal(parsePort("7711"), 7711);
  for (const text of ["", "0", "-1", "1e3", "65536", "7711 ", "0x10"]) {
    assert.equal(parsePort(text), undefined, text);
  }
});

test("an address is printed as it is written", () => {
  assert.equal(printAddress(tcp("::1", 7)), "[::1]:7");
  assert.equal(printAddress(tcp("h", 7)), "h:7");
  assert.equal(printAddress({ kind: "unix", path: "/a" }), "/a");
});
