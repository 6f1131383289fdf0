// Python's order of strings, in which torchvision numbers classes and files.

/** A comparator by code point; JavaScript's own order is by UTF-16 unit, where U+1F600 comes before U+FF5E. */
export function byCodePoint(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** A half of a code point beyond U+FFFF ranks above all that fit into one unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
