// Items of a sequence in order, some of them made before they are asked for.

export interface PrepareAheadOptions<T> {
  readonly start: number;
  readonly end: number;
  /** Items under way or ready, besides the one that is asked for. */
  readonly ahead: number;
  /** Whether `prepare` works elsewhere, so that all items ahead may be begun at once. */
  readonly isElsewhere: boolean;
  readonly prepare: (index: number) => Promise<T>;
  /** The last item was handed out and the next asked for. */
  readonly onEnd: () => void;
  /** Called once: after the end, an error, leaving early, or `signal`. */
  readonly release: () => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Items start..end-1. Unless they are made elsewhere, one is made per turn of the event loop, so that the work falls
 * into the consumer's awaits and never delays what it waits for by more than one.
 * An error surfaces in place of its item and ends the sequence.
 */
export function prepareAhead<T>(options: PrepareAheadOptions<T>): AsyncIterator<T, undefined> {
  const { start, end, ahead, isElsewhere, prepare, onEnd, signal } = options;
  const begun: Promise<T>[] = [];
  let next = start;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopping: Promise<void> | undefined;

  const begin = (): Promise<T> => {
    const item = prepare(next++);
    item.catch(() => {}); // surfaces when it is its turn
    return item;
  };
  const canBegin = (): boolean => !stopping && next < end && begun.length < ahead;
  const beginNext = (): void => {
    timer = undefined;
    if (!canBegin()) return;
    const item = begin();
    begun.push(item);
    item.then(schedule, () => {}); // nothing is made after an error
  };
  const schedule = (): void => {
    if (canBegin()) timer ??= setTimeout(beginNext);
  };
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      clearTimeout(timer);
      begun.length = 0;
      signal?.removeEventListener('abort', onAbort);
      await options.release();
    })();
    return stopping;
  };
  const onAbort = (): void => void stop().catch(() => {}); // surfaces in next()
  signal?.addEventListener('abort', onAbort, { once: true });

  const take = async (): Promise<IteratorResult<T, undefined>> => {
    if (!stopping && (begun.length > 0 || next < end)) {
      const item = begun.shift() ?? begin();
      while (isElsewhere && canBegin()) begun.push(begin());
      const value = await unlessAborted(item, signal);
      if (!isElsewhere) schedule();
      return { done: false, value };
    }
    if (!stopping) onEnd();
    await stop();
    return { done: true, value: undefined };
  };

  return {
    async next() {
      try {
        signal?.throwIfAborted();
        return await take();
      } catch (error) {
        await stop();
        throw error;
      }
    },
    async return() {
      await stop();
      return { done: true, value: undefined };
    },
  };
}

/** Not Promise.race: a signal that outlives many items would keep them all. */
function unlessAborted<T>(item: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return item;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    item.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
