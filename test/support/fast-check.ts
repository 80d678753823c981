/**
 * fast-check with the seed of this run: property tests take it from here and not from the package.
 *
 * `npm test` always has the same seed. Whoever changes something sees what that does, and not what chance has found
 * just now in code that has been there for long. New seeds are for `npm run explore`, which tells them to the
 * processes that it starts by a variable of the environment.
 */
import fc from "fast-check";

/** How the seed of a run is told. */
export const SEED_VARIABLE = "PROPERTY_SEED";
const SEED_DEFAULT = 1;

/** The seed that an environment asks for. */
export function propertySeed(environment: Readonly<Record<string, string | undefined>>): number {
  const text = environment[SEED_VARIABLE];
  const seed = text === undefined ? SEED_DEFAULT : Number(text);
  // fast-check makes 32 bits of what it is given: two seeds would be one.
  if (text === "" || (seed | 0) !== seed) {
    throw new Error(`${SEED_VARIABLE} is not a whole number of 32 bits: ${text}`);
  }
  return seed;
}

fc.configureGlobal({ seed: propertySeed(process.env) });

export { fc };
