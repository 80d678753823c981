/** Proofs under a secret. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ClusterSecrets } from "../../../src/io/bus/secrets.ts";

test("a proof is the HMAC-SHA256 of RFC 4231, test case 2", () => {
  const proof = new ClusterSecrets(["Jefe"]).prove(Buffer.from("what do ya want for nothing?"));
  assert.equal(
    proof.toString("hex"),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

test("only a whole proof under a listed secret for the same text is right", () => {
  const text = Buffer.from("text");
  const [both, second] = [new ClusterSecrets(["one", "two"]), new ClusterSecrets(["two"])];
  assert.equal(both.isProof(text, second.prove(text)), true);
  assert.equal(second.isProof(text, both.prove(text)), false);
  assert.equal(second.isProof(Buffer.from("other"), second.prove(text)), false);
  assert.equal(second.isProof(text, second.prove(text).subarray(1)), false);
  assert.equal(second.isProof(text, Buffer.alloc(0)), false);
  assert.equal(second.isProof(text, new ClusterSecrets([]).prove(text)), false);
});

test("no secret, an empty one and too many are three things", () => {
  assert.equal(new ClusterSecrets([]).isSet, false);
  assert.equal(new ClusterSecrets(["x"]).isSet, true);
  assert.throws(() => new ClusterSecrets([""]), /empty/);
  assert.throws(() => new ClusterSecrets(["x", ""]), /empty/);
  assert.throws(() => new ClusterSecrets(["x", "y", "z"]), /more than 2/);
});
