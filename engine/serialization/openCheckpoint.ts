// Opens a checkpoint of whatever format, told by its first bytes; names and endings of files say nothing reliable.
import { FormatError } from '../../kernels/errors.ts';
import type { StateDict } from '../hostTensor.ts';
import { type ByteSource, blobSource, bytesSource } from './byteSource.ts';
import type { CheckpointFile } from './checkpointFile.ts';
import { openSafetensors } from './openSafetensors.ts';
import { openLegacy } from './pytorch/openLegacy.ts';
import { openZip } from './pytorch/openZip.ts';

/** What a checkpoint can be opened from; in Node.js also a path, see engine/node/checkpoint.ts. */
export type CheckpointSource = ByteSource | Uint8Array | Blob;

/**
 * Opens a PyTorch checkpoint (zip or the older stream, by whatever name: .pth, .pt, .th, .pth.tar, .bin) or a
 * safetensors file. Reads its structure only, and runs nothing: a pickle may name a short list of harmless types.
 * @throws FormatError when the file is none of these, damaged, or holds what cannot be read
 */
export async function openCheckpoint(from: CheckpointSource): Promise<CheckpointFile> {
  const source = from instanceof Uint8Array ? bytesSource(from) : from instanceof Blob ? blobSource(from) : from;
  const start = await source.read(0, Math.min(source.size, 512));
  if (isSafetensors(start)) return openSafetensors(source); // first: its length may look like the others' magic
  if (begins(start, 'PK')) return openZip(source);
  if (start[0] === 0x80) return openLegacy(source);
  throw new FormatError(`${source.name}: at byte 0: ${whatElse(start)}; ${EXPECTED}`);
}

/** Reads all values of a checkpoint at once. @throws FormatError as `openCheckpoint` */
export async function loadCheckpoint(from: CheckpointSource): Promise<StateDict> {
  return readAll(await openCheckpoint(from));
}

/** All values of an open checkpoint, one tensor after the other. */
export async function readAll({ tensors }: CheckpointFile): Promise<StateDict> {
  const values: StateDict = new Map();
  for (const [name, tensor] of tensors) values.set(name, await tensor.read());
  return values;
}

const EXPECTED = "expected a PyTorch zip ('PK'), an older PyTorch stream (80 02) or safetensors ('{' at byte 8)";

/** Files that people hand in by mistake. */
const KNOWN: readonly [offset: number, text: string, what: string][] = [
  [
    257,
    'ustar',
    'this is a tar archive, which PyTorch before 0.2 wrote: load it with a PyTorch of then and save it again',
  ],
  [0, '\x1f\x8b', 'this is compressed with gzip: unpack it first'],
  [0, '\x89HDF', 'this is an HDF5 file (Keras): convert it to safetensors first'],
  [0, 'version https://git-lfs', 'this is a Git LFS pointer, not the file it stands for: run git lfs pull'],
  [0, '<', 'this looks like a web page, not the file that was to be downloaded'],
  [0, '{', 'this looks like JSON; the index of a sharded checkpoint is opened by its path, in Node.js'],
];

/** A '{' behind a length of 8 bytes, some of them zeros, as no text has them. */
function isSafetensors(start: Uint8Array): boolean {
  return start[8] === 0x7b && start.subarray(0, 8).includes(0);
}

function whatElse(start: Uint8Array): string {
  if (!start.length) return 'the file is empty';
  const known = KNOWN.find(([offset, text]) => begins(start.subarray(offset), text));
  if (known) return known[2];
  return `begins with ${[...start.subarray(0, 9)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
}

function begins(bytes: Uint8Array, text: string): boolean {
  return bytes.length >= text.length && [...text].every((character, i) => bytes[i] === character.charCodeAt(0));
}
