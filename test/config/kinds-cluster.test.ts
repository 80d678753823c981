/** Values that only directives about other nodes have. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeAddresses, secrets, zone } from "../../src/config/kinds-cluster.ts";

test("one secret, or two while one is replaced, come back as written", () => {
  for (const words of [["alone"], ["old", "new"]]) {
    assert.deepEqual(secrets().parse(words, []), { value: words });
    assert.deepEqual(secrets().parse([words.join(" ")], []), { value: words });
    assert.equal(secrets().print(words), words.join(" "));
  }
  assert.deepEqual(secrets().parse([""], ["old"]), { value: [] });
  assert.equal(secrets().write([]), '""');
});

test("three secrets are too many, and so is one of 513 bytes", () => {
  assert.ok("error" in secrets().parse(["a b c"], []));
  assert.ok("error" in secrets().parse(["x".repeat(513)], []));
  assert.ok("value" in secrets().parse(["x".repeat(512)], []));
});

test("seeds are addresses of nodes, and one that is none refuses them all", () => {
  const seeds = nodeAddresses();
  const parsed = seeds.parse(["a:7711 [::1]:7711@9000"], []);
  assert.ok("value" in parsed);
  assert.deepEqual(
    parsed.value.map(({ busPort }) => busPort),
    [17_711, 9000],
  );
  assert.equal(seeds.write(parsed.value), "a:7711 [::1]:7711@9000");
  assert.deepEqual(seeds.parse([""], []), { value: [] });
  assert.ok("error" in seeds.parse(["a:7711 b"], []));
  assert.ok("error" in seeds.parse([Array.from({ length: 1025 }, () => "a:1").join(" ")], []));
});

test("a zone is a short word", () => {
  assert.deepEqual(zone().parse(["rack-4"], ""), { value: "rack-4" });
  assert.deepEqual(zone().parse([""], "rack-4"), { value: "" });
  assert.ok("error" in zone().parse(["two words"], ""));
  assert.ok("error" in zone().parse(["x".repeat(65)], ""));
});
