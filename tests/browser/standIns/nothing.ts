// Stands in for what no browser has: names can be imported, and throw when they are called.

/** An object whose every property is a function that throws, naming what was called; classes may extend it. */
export function nothing(module: string): object {
  const refusal = (name: string) =>
    function refuse(): never {
      throw new Error(`${module}: ${name} was called, which a browser does not have`);
    };
  return new Proxy({}, { get: (_, name) => refusal(String(name)) });
}
