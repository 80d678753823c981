/**
 * `npm run kills [-- --kills 200]`: kill -9 at random moments under load, many times.
 *
 * A quarter of the kills each with everysec and always, with and without rewrites all the time. Takes
 * about two seconds a kill, which is why it is no test of every day.
 */
import { test } from "node:test";
import { parseArgs } from "node:util";
import { killAgainAndAgain } from "./log-kills.ts";

const LIFE_MS_MAX = 500;

const { values } = parseArgs({ options: { kills: { type: "string", default: "200" } } });
const total = Number(values.kills);
if (!Number.isSafeInteger(total) || total < 4) throw new Error("--kills is a number from 4 on");
const kills = Math.ceil(total / 4);

for (const appendfsync of ["everysec", "always"]) {
  for (const isRewriting of [false, true]) {
    const name = `${kills} kills, appendfsync ${appendfsync}${isRewriting ? ", rewriting" : ""}`;
    test(name, async (t) => {
      const lifeMs = (): number => Math.random() * LIFE_MS_MAX;
      const life = { kills, settings: { appendfsync }, lifeMs, isRewriting };
      const { added, acked } = await killAgainAndAgain(t, life);
      t.diagnostic(
        `${added.size} jobs promised, none lost; ${acked.size} acknowledged, none came back`,
      );
    });
  }
}
