// Damaged checkpoints: whatever the bytes, a FormatError or a sound reading, and nothing is read that is not there.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openCheckpoint } from '../../engine/serialization/index.ts';
import { writeSafetensors } from '../../engine/serialization/safetensors.ts';
import { FormatError } from '../../kernels/errors.ts';
import { fileBytes, watchedSource } from './checkpointFixture.ts';

const test = suite('damaged checkpoints');
/** In each of the files. */
const CHANGES = 500;

const safetensors = writeSafetensors(
  new Map([
    ['conv1.weight', { dtype: 'float32', shape: [2, 1, 3, 3], data: new Float32Array(18).fill(0.5) }],
    ['bn1.num_batches_tracked', { dtype: 'int64', shape: [], data: BigInt64Array.of(3n) }],
    ['labels', { dtype: 'int32', shape: [3], data: Int32Array.of(1, 2, 3) }],
  ]),
  { format: 'pt' },
);

const files: [name: string, bytes: Uint8Array][] = [
  ...['zip', 'zip64', 'zip deflated', 'zip wrapped protocol 4', 'legacy', 'legacy protocol 4', 'old'].map(
    (name): [string, Uint8Array] => [name, fileBytes(name)],
  ),
  ['safetensors', safetensors],
];

for (const [name, bytes] of files) {
  test(`${name} truncated at every tenth byte is a FormatError that names the file and the byte`, async () => {
    for (let length = 0; length < bytes.length; length += 10) {
      const message = await refusal(bytes.subarray(0, length));
      assert.match(message, /^a\.pth: .*at byte \d+: /, `at ${length}: ${message}`);
    }
  });

  test(`${name} with any byte changed is read or refused`, async () => {
    const random = generator(1);
    let refused = 0;
    for (let i = 0; i < CHANGES; i++) {
      const changed = new Uint8Array(bytes);
      const at = Math.floor(random() * bytes.length);
      changed[at] = Math.floor(random() * 256);
      if (await refusal(changed)) refused++;
    }
    assert.ok(refused > CHANGES / 100, `${refused} of ${CHANGES} were refused`);
  });
}

const END64 = [0x50, 0x4b, 6, 6];
const END = [0x50, 0x4b, 5, 6];
const CENTRAL = [0x50, 0x4b, 1, 2];
const claims: [what: string, file: string, find: number[], offset: number, bytes: number, message: RegExp][] = [
  ['entries (ZIP64)', 'zip64', END64, 32, 8, /ends within entry \d+/],
  ['bytes of the directory (ZIP64)', 'zip64', END64, 40, 8, /central directory of 11529215046068\d+ bytes/],
  ['as the offset of the directory (ZIP64)', 'zip64', END64, 48, 8, /at byte 11529215046068\d+: /],
  ['bytes of the directory', 'zip', END, 12, 4, /central directory of 1073741824 bytes/],
  ['as the offset of the directory', 'zip', END, 16, 4, /at byte 1073741824: /],
  ['packed bytes', 'zip', CENTRAL, 20, 4, /archive\/data.pkl: .*reach beyond the central directory/],
  ['unpacked bytes', 'zip deflated', CENTRAL, 24, 4, /archive\/data.pkl: 1073741824 bytes cannot be packed into/],
  ['as the offset of an entry', 'zip', CENTRAL, 42, 4, /at byte 1073741824: the header of archive\/data.pkl/],
];
for (const [what, file, find, offset, bytes, message] of claims) {
  test(`${file}: 2^${bytes === 8 ? 60 : 30} ${what} are refused`, async () => {
    const changed = fileBytes(file);
    const at = changed.findIndex((_, i) => find.every((byte, j) => changed[i + j] === byte)) + offset;
    changed.fill(0, at, at + bytes);
    changed[at + bytes - 1] = bytes === 8 ? 0x10 : 0x40;
    assert.match(await refusal(changed), message);
  });
}

test('safetensors: a header of 2^60 bytes, and a tensor of 2^50, are refused', async () => {
  const long = new Uint8Array(safetensors);
  long.set([0, 0, 0, 0, 0, 0, 0, 0x10]);
  assert.match(await refusal(long), /a header of 1152921504606846976 bytes does not fit a file of/);
  const text = `{"a":{"dtype":"F32","shape":[${2 ** 50}],"data_offsets":[0,${2 ** 52}]}}`;
  const large = Uint8Array.of(text.length, 0, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode(text));
  assert.match(await refusal(large), /'a' ends at 4503599627370496 of 0 data bytes/);
});

test('safetensors: a header nested deep enough to overflow the stack is refused', async () => {
  const nested = '['.repeat(100_000) + ']'.repeat(100_000);
  for (const text of [`{"a":{"dtype":"F32","shape":${nested}}}`, `{"a":{"dtype":${nested}}}`]) {
    const header = new TextEncoder().encode(text);
    const bytes = new Uint8Array(8 + header.length);
    new DataView(bytes.buffer).setUint32(0, header.length, true);
    bytes.set(header, 8);
    assert.match(await refusal(bytes), /'a' has (shape|dtype) a nested or very long value/);
  }
});

test('deflated data that unpack to more than they say are refused', async () => {
  const changed = fileBytes('zip deflated');
  const at = changed.findIndex((_, i) => CENTRAL.every((byte, j) => changed[i + j] === byte)) + 24;
  changed.set([10, 0, 0, 0], at);
  assert.match(await refusal(changed), /archive\/data.pkl: more than the 10 bytes it should unpack to/);
});
test.run();

/** The error's message, '' when all is read. Anything but a FormatError fails the test. */
async function refusal(bytes: Uint8Array): Promise<string> {
  const source = watchedSource(bytes);
  try {
    const { tensors } = await openCheckpoint(source);
    assert.ok(source.bytesRead < 4 * bytes.length + 2000, `opening read ${source.bytesRead} of ${bytes.length} bytes`);
    for (const tensor of tensors.values()) await tensor.read();
    return '';
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
}

/** Mulberry32: the same damage in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
