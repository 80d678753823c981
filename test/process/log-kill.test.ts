/**
 * A server with a log that is killed again and again while it works: what it promised, it keeps.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { killAgainAndAgain } from "./log-kills.ts";

/** Different moments of a server's life. */
const LIVES_MS = [30, 200, 90, 400, 60, 150];
const lifeMs = (kill: number): number => LIVES_MS[kill % LIVES_MS.length] ?? 0;

for (const appendfsync of ["everysec", "always"]) {
  test(`kill -9 under load with ${appendfsync}: nothing promised is lost, nothing acknowledged comes back`, async (t) => {
    const kills = LIVES_MS.length;
    const settings = { appendfsync };
    const traffic = await killAgainAndAgain(t, { kills, settings, lifeMs, isRewriting: false });
    t.diagnostic(`${traffic.added.size} jobs added, ${traffic.acked.size} acknowledged`);
    assert.ok(traffic.added.size > kills * 20, "there was some load");
  });
}

test("kill -9 while the log is rewritten all the time", async (t) => {
  const life = { kills: 4, settings: {}, lifeMs: () => 150, isRewriting: true };
  const traffic = await killAgainAndAgain(t, life);
  t.diagnostic(`${traffic.added.size} jobs added, ${traffic.acked.size} acknowledged`);
});
