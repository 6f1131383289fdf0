// A published file, downloaded once and kept; what is returned is whole and has the right hash.
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { syncFolder } from '../../../engine/node/replaceFile.ts';
import { FormatError, ShapeError } from '../../../kernels/errors.ts';
import { type DownloadOptions, type DownloadProgress, download, etagFile } from './download.ts';
import { FetchError } from './fetchError.ts';
import { fileHash, type HashName } from './fileHash.ts';
import { withFileLock } from './fileLock.ts';

/** A file that its publisher offers for download. */
export interface DatasetFile {
  /** Where it lies below the folder that files are kept in, with slashes: `MNIST/raw/train-images-idx3-ubyte.gz`. */
  readonly path: string;
  /** Whole addresses, tried in this order. */
  readonly urls: readonly string[];
  /** In hexadecimal, as torchvision lists it. Without a hash, only the length that the server tells is checked. */
  readonly md5?: string;
  /** In hexadecimal, or its beginning. */
  readonly sha256?: string;
  /** A server that sends more is refused, in bytes. Default 4 GiB. */
  readonly maxBytes?: number;
}

export interface FileProgress extends DownloadProgress {
  /** `path` of the file. */
  readonly file: string;
}

export interface FetchFileOptions extends Pick<DownloadOptions, 'signal' | 'stallAfter'> {
  /** Called when a server answers, and after each piece. */
  onProgress?: (progress: FileProgress) => void;
  /**
   * Addresses of folders to download from instead of the file's own addresses, separated by spaces: `<base>/<path>`. A
   * served copy of the folder that files are kept in will do. Default: what `variable` says.
   */
  baseUrl?: string | undefined;
  /** The environment variable of the default `baseUrl`, which errors advise to set. Default `WGRAD_DATASETS_URL`. */
  variable?: string;
}

const VARIABLE = 'WGRAD_DATASETS_URL';

/**
 * The path of a file below `root`. A file that is there is used without a network, if its hash is right. Else it is
 * downloaded as `<path>.part`, which a later call continues; checked; and renamed. When one address fails, or has another
 * file, the next is tried. Processes that want the same file wait for one another.
 * @throws FetchError when no address gives the file: with the reason of each, and which file to put where by hand; and when
 *   it cannot be written: what has come stays in `<path>.part`;
 *   FormatError when the only address gives another file (it is removed); the signal's reason when it aborts; ShapeError for a
 *   `path` that leaves `root`
 */
export async function fetchFile(root: string, file: DatasetFile, options: FetchFileOptions = {}): Promise<string> {
  const target = resolve(root, file.path);
  const inside = relative(resolve(root), target);
  if (!inside || inside.startsWith('..') || isAbsolute(inside))
    throw new ShapeError(`${file.path} lies outside ${root}`);
  try {
    await fetchInto(root, { target, file, options });
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    // of the disk, whose own words need not name the file: full, read-only, a folder where the file should be
    throw new FetchError(`${target}: ${error.message}`, { cause: error });
  }
  return target;
}

async function fetchInto(
  root: string,
  { target, file, options }: { target: string; file: DatasetFile; options: FetchFileOptions },
): Promise<void> {
  if (await isThere(target, file)) return;
  const { variable = VARIABLE, baseUrl = process.env[variable], signal } = options;
  await mkdir(dirname(target), { recursive: true });
  const part = `${target}.part`;
  await withFileLock(
    `${part}.lock`,
    async () => {
      if (await isThere(target, file)) return; // another process was faster
      await tryAddresses(root, file, { part, urls: addresses(file, baseUrl), options });
      await rename(part, target);
      syncFolder(dirname(target));
      await rm(etagFile(part), { force: true });
    },
    { signal },
  );
}

async function isThere(path: string, file: DatasetFile): Promise<boolean> {
  const hash = hashOf(file);
  if (!hash) return (await stat(path).catch(() => undefined))?.isFile() ?? false;
  return isRight(hash, await fileHash(path, hash.name));
}

function addresses({ path, urls }: DatasetFile, baseUrl: string | undefined): readonly string[] {
  const bases = baseUrl?.split(/\s+/).filter(Boolean) ?? [];
  if (!bases.length) return urls;
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return bases.map((base) => `${base.replace(/\/+$/, '')}/${encoded}`);
}

interface Attempts {
  part: string;
  urls: readonly string[];
  options: FetchFileOptions;
}

/** Ends with the whole file in `part`. */
async function tryAddresses(root: string, file: DatasetFile, { part, urls, options }: Attempts): Promise<void> {
  const failures: Error[] = [];
  for (const url of urls) {
    try {
      await complete(file, { url, part, options });
      return;
    } catch (error) {
      if (!(error instanceof FetchError || error instanceof FormatError)) throw error;
      failures.push(error);
    }
  }
  if (failures.length === 1 && failures[0] instanceof FormatError) throw failures[0];
  const reasons = failures.map(({ message }) => message);
  if (!reasons.length) reasons.push(`no address is known for ${file.path}`);
  const list = reasons.length === 1 ? reasons[0] : `${file.path}: no address gave it:\n  ${reasons.join('\n  ')}\n`;
  throw new FetchError(`${list}${reasons.length === 1 ? '. ' : ''}${await byHand(root, file, options)}`, {
    cause: failures.at(-1),
  });
}

async function complete(
  file: DatasetFile,
  { url, part, options: { onProgress, signal, stallAfter } }: Omit<Attempts, 'urls'> & { url: string },
): Promise<void> {
  const hash = hashOf(file);
  const get = () =>
    download(url, part, {
      isVerified: hash !== undefined,
      ...(onProgress && { onProgress: (progress) => onProgress({ ...progress, file: file.path }) }),
      ...(signal && { signal }),
      ...(stallAfter !== undefined && { stallAfter }),
      ...(file.maxBytes !== undefined && { maxBytes: file.maxBytes }),
    });
  if (!hash) return get();
  const started = await fileHash(part, hash.name);
  if (isRight(hash, started)) return; // stopped just before it was renamed
  await get();
  let found = await fileHash(part, hash.name);
  if (started && !isRight(hash, found)) {
    await rm(part, { force: true }); // its beginning may be of another version of the file
    await get();
    found = await fileHash(part, hash.name);
  }
  if (isRight(hash, found)) return;
  if (!found) throw new FetchError(`${part}: is gone; did somebody remove it?`);
  const { size } = await stat(part);
  await rm(part, { force: true });
  await rm(etagFile(part), { force: true });
  throw new FormatError(
    `${url}: this is not ${file.path}: its ${LABELS[hash.name]} is ${found}, expected ${text(hash)}; ` +
      `its ${size} bytes were removed`,
  );
}

interface Hash {
  readonly name: HashName;
  /** Its digits, in lower case, or the first of them. */
  readonly begins: string;
}

const LABELS = { md5: 'MD5', sha256: 'SHA-256' } as const;
const DIGITS = { md5: 32, sha256: 64 } as const;

function hashOf({ md5, sha256 }: DatasetFile): Hash | undefined {
  if (sha256) return { name: 'sha256', begins: sha256.toLowerCase() };
  return md5 ? { name: 'md5', begins: md5.toLowerCase() } : undefined;
}

function isRight({ begins }: Hash, found: string | undefined): boolean {
  return found?.startsWith(begins) ?? false;
}

function text({ name, begins }: Hash): string {
  return begins.length < DIGITS[name] ? `${begins}…` : begins;
}

async function byHand(root: string, file: DatasetFile, { variable = VARIABLE }: FetchFileOptions): Promise<string> {
  const { path, urls } = file;
  const hash = hashOf(file);
  const facts = [
    ...(hash ? [`its ${LABELS[hash.name]} ${text(hash) === hash.begins ? 'is' : 'begins with'} ${hash.begins}`] : []),
    ...(urls.length ? [`published at ${urls.join(' and ')}`] : []),
  ];
  const target = join(root, path);
  const present = hash && (await fileHash(target, hash.name));
  return (
    `Put ${basename(target)}${facts.length ? ` (${facts.join(', ')})` : ''} into ${dirname(target)} ` +
    `or set ${variable} to the address of a folder that has ${path.includes('/') ? path : 'it'}` +
    (present ? ` (the file there is another: its ${LABELS[hash.name]} is ${present})` : '')
  );
}
