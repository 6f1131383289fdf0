// Functions that must have ended when the call that contains them returns.

/** @throws TypeError for a promise: its function runs on after the call that was to contain it */
export function synchronous<T>(where: string, result: T, instead: string): T {
  if (!(result instanceof Promise)) return result;
  result.catch(() => undefined); // what it meets there is a consequence
  throw new TypeError(`${where}: fn must be synchronous; ${instead}`);
}
