// A later turn of the event loop.

/** Resolves once what the caller enqueues now is done. Timers wait for a millisecond or more, which Node can spare. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve);
  });
}
