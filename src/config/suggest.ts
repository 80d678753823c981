/**
 * "Did you mean ...?": the nearest of some names to a misspelt one.
 *
 * Used for flags and for directives in files. Names that are merely similar are not suggested: a
 * wrong guess misleads.
 */

/** A third of the letters, at most three, may be wrong. */
const DISTANCE_MAX = 3;
/** Longer words are no typing mistakes, and the distance takes time quadratic in the length. */
const LENGTH_MAX = 64;

/** The name nearest to `word`, or undefined when none is near. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  if (word.length > LENGTH_MAX) return undefined;
  let best: string | undefined;
  let bestDistance = Math.min(DISTANCE_MAX, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(word, name);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * Letters to insert, delete, replace, or swap with their neighbour to make `b` of `a`, one row of
 * the matrix at a time. A swap counts one: it is what fingers do most.
 */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  let twoAbove = above;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (twoAbove[j - 2] ?? 0) + 1 : replaced;
      row.push(Math.min(replaced, swapped, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    twoAbove = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
