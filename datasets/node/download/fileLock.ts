// One process at a time: a lock file that names its owner, is touched while it is held, and survives no crash for long.
import { randomUUID } from 'node:crypto';
import { link, lstat, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

export interface FileLockOptions {
  /** Stops waiting. */
  signal?: AbortSignal | undefined;
  /** A lock that nobody touched for so long is broken, in milliseconds; one of a dead process at once. Default 10,000. */
  staleAfter?: number;
}

const TOUCH_MS = 1000;
const POLL_MS = 100;

/**
 * Does `action` while it alone holds the lock file at `path`; waits as long as another does.
 * @throws what `action` throws; the signal's reason when it aborts while waiting
 */
export async function withFileLock<T>(
  path: string,
  action: () => Promise<T>,
  { signal, staleAfter = 10_000 }: FileLockOptions = {},
): Promise<T> {
  const own = `${process.pid} ${hostname()} ${randomUUID()}`;
  await acquire(path, own, { signal, staleAfter });
  const touching = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {}); // broken by another: it is no longer ours to touch
  }, TOUCH_MS);
  try {
    return await action();
  } finally {
    clearInterval(touching);
    if ((await lockAt(path))?.owner === own) await rm(path, { force: true });
  }
}

interface Lock {
  readonly owner: string;
  /** Changes whenever the owner touches it; compared with itself only, so clocks need not agree. */
  readonly touched: number;
}

async function acquire(
  path: string,
  own: string,
  { signal, staleAfter }: FileLockOptions & { staleAfter: number },
): Promise<void> {
  let seen: Lock | undefined;
  let since = 0;
  for (;;) {
    signal?.throwIfAborted();
    try {
      await writeFile(path, own, { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const lock = await lockAt(path);
    if (!lock) continue;
    if (lock.owner !== seen?.owner || lock.touched !== seen.touched) [seen, since] = [lock, performance.now()];
    if (isDead(lock.owner) || performance.now() - since >= staleAfter) await breakLock(path, lock.owner);
    else await sleep(POLL_MS, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
  }
}

async function lockAt(path: string): Promise<Lock | undefined> {
  try {
    const stats = await lstat(path);
    // a link or a pipe, which nobody here makes, may lead nowhere: with no owner it is stale soon
    return { touched: stats.mtimeMs, owner: stats.isFile() ? await readFile(path, 'utf8') : '' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether its process ran on this machine and runs no more. */
function isDead(owner: string): boolean {
  const [pid, host] = owner.split(' ');
  if (host !== hostname() || !/^[1-9]\d*$/.test(pid!)) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Of several that find the same lock stale, one moves it away; who moved a newer one by accident puts it back. */
async function breakLock(path: string, owner: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await lockAt(aside))?.owner !== owner) await link(aside, path).catch(() => {});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}
