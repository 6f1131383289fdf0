// Downloads into a file and goes on where an earlier download ended.
import { type FileHandle, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { FetchError } from './fetchError.ts';

export interface DownloadProgress {
  /** Bytes on the disk, those of earlier attempts included. */
  readonly received: number;
  /** Bytes of the whole file; undefined when the server does not say. */
  readonly total: number | undefined;
}

export interface DownloadOptions {
  /** Called when the answer comes, and after each piece. */
  onProgress?: (progress: DownloadProgress) => void;
  /** Stops the download; what has come stays. */
  signal?: AbortSignal;
  /** A server that sends more than this is refused. Default 4 GiB. */
  maxBytes?: number;
  /**
   * Whether the caller checks the content by a hash. Else what is there is continued only where it surely is a part of the
   * same file: from the same address, with an ETag or a date. Default true.
   */
  isVerified?: boolean;
  /** A server that sends nothing for so long is given up, in milliseconds. Default 60,000. */
  stallAfter?: number;
}

/**
 * Fills `path` with what is at `url`. What `path` holds already is taken for the beginning, and the rest is asked for, if
 * the server still has the same file by its ETag or date (kept beside, in `<path>.etag`); else it starts anew. What was
 * received stays there when it throws. The caller checks the content.
 * @throws FetchError when there is no connection, an HTTP error, too few bytes or too many; the signal's reason when it
 *   aborts
 */
export async function download(
  url: string,
  path: string,
  { onProgress, signal, maxBytes = 4 * 2 ** 30, isVerified = true, stallAfter = 60_000 }: DownloadOptions = {},
): Promise<void> {
  const stalled = new AbortController();
  const timer = setTimeout(() => {
    stalled.abort(new FetchError(`${url}: the server sent nothing for ${stallAfter / 1000} s`));
  }, stallAfter);
  const given = AbortSignal.any([stalled.signal, ...(signal ? [signal] : [])]);
  try {
    if (!isVerified && !(await isPartOf(url, path))) await rm(path, { force: true });
    const response = await request(url, path, given);
    const start = (response.status === 206 && rangeStart(response)) || 0;
    const file = await open(path, start ? 'r+' : 'w');
    try {
      await writeFile(etagFile(path), `${validator(response)}\n${url}`);
      if (!isVerified && !tellsItsEnd(response)) throw new FetchError(`${url}: the server does not say how long it is`);
      await receive(response, { url, file, start, onProgress, maxBytes, onPiece: () => timer.refresh() });
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    given.throwIfAborted();
    if (!(error instanceof TypeError)) throw error; // fetch throws TypeErrors, from the body too
    throw new FetchError(`${url}: ${reasonOf(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** What lies beside a part of a download: says which version of the file it is a part of. */
export function etagFile(path: string): string {
  return `${path}.etag`;
}

/** Of what lies at `path`: its ETag or date, and its address; empty where they are not known. */
async function originOf(path: string): Promise<{ version: string; url: string }> {
  const [version = '', url = ''] = (await noteAt(etagFile(path))).split('\n');
  return { version, url };
}

async function noteAt(path: string): Promise<string> {
  // opening a pipe would wait for its writer
  const isFile = (await stat(path).catch(() => undefined))?.isFile() ?? false;
  return isFile ? readFile(path, 'utf8').catch(() => '') : '';
}

async function isPartOf(url: string, path: string): Promise<boolean> {
  const origin = await originOf(path);
  return origin.version !== '' && origin.url === url;
}

async function request(url: string, path: string, signal: AbortSignal): Promise<Response> {
  const known = (await stat(path).catch(() => undefined))?.size ?? 0;
  const { version } = known ? await originOf(path) : { version: '' };
  const range: Record<string, string> = known ? { range: `bytes=${known}-` } : {};
  const condition: Record<string, string> = version ? { 'if-range': version } : {};
  const response = await fetch(url, {
    signal,
    headers: { 'accept-encoding': 'identity', ...range, ...condition }, // compressed bytes would have other ranges
  });
  const isOtherRange = response.status === 206 && rangeStart(response) !== known;
  if (known && (response.status === 416 || isOtherRange)) {
    await response.body?.cancel();
    await rm(path, { force: true });
    return request(url, path, signal);
  }
  if (response.status === 200 || (known && response.status === 206)) return response;
  await response.body?.cancel();
  throw new FetchError(`${url}: the server answered ${response.status} ${response.statusText}`.trimEnd());
}

interface Reception {
  url: string;
  file: FileHandle;
  start: number;
  onProgress: DownloadOptions['onProgress'];
  maxBytes: number;
  onPiece: () => void;
}

async function receive(
  response: Response,
  { url, file, start, onProgress, maxBytes, onPiece }: Reception,
): Promise<void> {
  const total = totalOf(response, start);
  let received = start;
  onProgress?.({ received, total });
  const checkSize = (bytes: number) => {
    if (bytes > maxBytes) throw new FetchError(`${url}: ${bytes} bytes or more, at most ${maxBytes} are taken`);
  };
  checkSize(total ?? 0);
  for await (const chunk of response.body ?? []) {
    onPiece();
    checkSize(received + chunk.length);
    for (let at = 0; at < chunk.length; ) {
      // at positions: an appending second process would double what the first wrote
      at += (await file.write(chunk, at, chunk.length - at, received + at)).bytesWritten;
    }
    received += chunk.length;
    onProgress?.({ received, total });
  }
  if (total === undefined || received === total) return;
  throw new FetchError(`${url}: ${received} of ${total} bytes came`);
}

/** `Content-Range: bytes 100-199/200`. */
function rangeStart({ headers }: Response): number | undefined {
  const start = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}

function totalOf({ headers }: Response, start: number): number | undefined {
  // a server may send less than the rest that was asked for
  const whole = start && /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
  if (whole) return Number(whole);
  const length = headers.get('content-length');
  return length === null || headers.has('content-encoding') ? undefined : start + Number(length);
}

/** Whether a connection that is cut off can be told from the end of the file. */
function tellsItsEnd({ headers }: Response): boolean {
  return headers.has('content-length') || headers.get('transfer-encoding') === 'chunked';
}

/** What If-Range may be given: a strong ETag, or the date. */
function validator({ headers }: Response): string {
  const etag = headers.get('etag');
  return etag && !etag.startsWith('W/') ? etag : (headers.get('last-modified') ?? '');
}

/** `fetch failed` says nothing; its cause does, but for an AggregateError of one attempt per address. */
function reasonOf(error: Error): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || String((cause as NodeJS.ErrnoException).code ?? error.message);
}
