// Readers of weights: pickles, the zip around them, the stream before there was a zip, safetensors and their index.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint as openPath } from '../../../engine/node/checkpoint.ts';
import { bytesSource } from '../../../engine/serialization/byteSource.ts';
import { loadCheckpoint } from '../../../engine/serialization/openCheckpoint.ts';
import { unpickle } from '../../../engine/serialization/pickle/unpickle.ts';
import { torchWorld } from '../../../engine/serialization/pytorch/allowList.ts';
import { writeSafetensors } from '../../../engine/serialization/safetensors.ts';
import { openZipArchive } from '../../../engine/serialization/zipArchive.ts';
import { FormatError } from '../../../kernels/errors.ts';
import { zipBytes } from '../../datasets/zipFile.ts';
import { fileBytes, fixture } from '../../serialization/checkpointFixture.ts';
import { mutateJson } from './mutate/json.ts';
import { mutateSafetensors } from './mutate/packed.ts';
import { mutatePickle } from './mutate/pickle.ts';
import { mutateZip } from './mutate/zip.ts';
import { corpusFiles } from './seeds.ts';
import { MIB, type Target } from './target.ts';

const refusals = [FormatError];
/** Beyond would be slow without being other. */
const MAX_SEED_BYTES = 8000;
/** What lies beside an index: files, and the tensor in each. */
const SHARDS = [
  ['model-00001-of-00002.safetensors', 'a.weight'],
  ['model-00002-of-00002.safetensors', 'b.weight'],
] as const;

export const checkpointTargets: readonly Target[] = [
  {
    name: 'pickle',
    seeds: () => [...fixtureFiles('zip').map(pickleIn), ...corpusFiles('pickle')],
    mutators: [mutatePickle, mutatePickle, mutatePickle],
    read: (bytes) =>
      unpickle(bytes, { file: 'a.pkl', entry: 'pickle', offset: 0, available: bytes.length }, torchWorld),
    refusals,
    bound: { base: 64 * MIB, perByte: 64 },
    share: 8,
  },
  {
    name: 'pth zip',
    seeds: () => fixtureFiles('zip'),
    mutators: [mutateZip(), mutateZip(mutatePickle, /data\.pkl$/), mutateZip(mutatePickle, /data\.pkl$/)],
    read: (bytes) => loadCheckpoint(bytes),
    refusals,
    bound: { base: 64 * MIB, perByte: 64 },
    share: 4,
  },
  {
    name: 'pth legacy',
    seeds: () => fixtureFiles('legacy'),
    mutators: [mutatePickle, mutatePickle],
    read: (bytes) => loadCheckpoint(bytes),
    refusals,
    bound: { base: 64 * MIB, perByte: 64 },
    share: 6,
  },
  {
    name: 'zip of weights',
    seeds: () => [...fixtureFiles('zip'), zipBytes([['a/b', new Uint8Array(300)]], { size: 300 })],
    mutators: [mutateZip(), mutateZip()],
    read: async (bytes) => {
      const entries = await openZipArchive(bytesSource(bytes, 'a.zip'));
      for (const entry of entries.values()) await entry.read(0, entry.size);
    },
    refusals,
    bound: { base: 64 * MIB, perByte: 1100 }, // deflate packs up to 1032 times
    share: 3,
  },
  {
    name: 'safetensors',
    seeds: () => [
      writeSafetensors(
        new Map([
          ['conv1.weight', { dtype: 'float32', shape: [2, 1, 3, 3], data: new Float32Array(18).fill(0.5) }],
          ['bn1.num_batches_tracked', { dtype: 'int64', shape: [], data: BigInt64Array.of(3n) }],
          ['labels', { dtype: 'int32', shape: [3], data: Int32Array.of(1, 2, 3) }],
        ]),
        { format: 'pt', classes: '["cat","dog"]' },
      ),
      writeSafetensors(new Map([['empty', { dtype: 'float32', shape: [0, 4], data: new Float32Array() }]]), {}),
    ],
    mutators: [mutateSafetensors(mutateJson), mutateSafetensors(mutateJson), mutateSafetensors(mutateJson)],
    read: (bytes) => loadCheckpoint(bytes),
    refusals,
    bound: { base: 64 * MIB, perByte: 64 },
    share: 8,
  },
  {
    name: 'sharded index',
    seeds: () => corpusFiles('sharded'),
    mutators: [mutateJson, mutateJson, mutateJson],
    read: async (bytes, folder) => {
      for (const [file, name] of SHARDS) {
        const data = new Map([[name, { dtype: 'float32' as const, shape: [2], data: Float32Array.of(1, 2) }]]);
        if (!existsSync(join(folder, file))) writeFileSync(join(folder, file), writeSafetensors(data, {}));
      }
      const path = join(folder, 'model.safetensors.index.json');
      writeFileSync(path, bytes);
      await (await openPath(path)).close();
    },
    refusals,
    bound: { base: 64 * MIB, perByte: 64 },
    share: 2,
  },
];

/** Those the readers take and those they refuse, by the container they are in. */
function fixtureFiles(container: 'zip' | 'legacy'): Uint8Array[] {
  return [...Object.keys(fixture.files), ...Object.keys(fixture.refused)]
    .map(fileBytes)
    .filter((bytes) => bytes.length <= MAX_SEED_BYTES)
    .filter((bytes) => (container === 'zip' ? bytes[0] === 0x50 : bytes[0] === 0x80));
}

/** The pickle of a zip; the fixtures store it, or the file stands for itself. */
function pickleIn(zip: Uint8Array): Uint8Array {
  const start = zip.findIndex((byte, i) => byte === 0x80 && zip[i + 1]! >= 2 && zip[i + 1]! <= 5);
  return zip.slice(Math.max(start, 0), zip.length);
}
