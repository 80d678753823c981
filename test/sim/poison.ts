/**
 * No clock, no chance, no timer: while a simulated life runs, the real ones throw.
 *
 * A single stray reading of the real clock would make a seed unrepeatable, and nobody would notice
 * until a failure could not be replayed. So the first run that meets one fails.
 */

type Target = Record<string, unknown>;

const poisoned: readonly [target: Target, name: string][] = [
  [globalThis as unknown as Target, "Date"],
  [globalThis as unknown as Target, "setTimeout"],
  [globalThis as unknown as Target, "setInterval"],
  [globalThis as unknown as Target, "setImmediate"],
  [globalThis as unknown as Target, "queueMicrotask"],
  [Math as unknown as Target, "random"],
  [performance as unknown as Target, "now"],
  [process as unknown as Target, "hrtime"],
];

/** Runs something in a world without real time and real chance. */
export function withoutRealWorld<T>(run: () => T): T {
  const originals = poisoned.map(([target, name]) => Object.getOwnPropertyDescriptor(target, name));
  for (const [target, name] of poisoned) {
    Object.defineProperty(target, name, {
      configurable: true,
      writable: true,
      value: poison(name),
    });
  }
  try {
    return run();
  } finally {
    for (const [i, [target, name]] of poisoned.entries()) {
      const original = originals[i];
      if (original === undefined) delete target[name];
      else Object.defineProperty(target, name, original);
    }
  }
}

/** Throws whatever one does with it: call it, construct it, or read a property such as `now`. */
function poison(name: string): unknown {
  const fail = (): never => {
    throw new Error(`${name} was used inside the simulation`);
  };
  return new Proxy(fail, { apply: fail, construct: fail, get: fail });
}
