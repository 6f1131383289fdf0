// Features on a disk that does not take them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Device } from '../../engine/device.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { WgradError } from '../../kernels/errors.ts';
import type { FeatureCut } from '../../training/fineTune/featureCut.ts';
import { DiskStore } from '../../training/node/diskStore.ts';
import { refuses } from '../datasets/refusal.ts';
import { temporaryFolders } from '../datasets/temporaryFolders.ts';

const test = suite('featureStore');
const { make, removeAll } = temporaryFolders();
const before = process.env.TMPDIR;
test.after.each(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
});
test.after(removeAll);

const cut = { shape: [2], order: 'row-major' } as unknown as FeatureCut;
const device = { download: async () => new ArrayBuffer(8) } as unknown as Device;

test('a folder that is not there is told with what else can be done', () => {
  process.env.TMPDIR = join(make(), 'nowhere');
  assert.throws(
    () => new DiskStore(device, cut),
    (error: Error) => {
      assert.instance(error, WgradError);
      assert.match(error.message, /features cannot be kept in .*nowhere: ENOENT.*set TMPDIR .*cache: 'none'/);
      return true;
    },
  );
});

test('features that cannot be written are disposed of, and no file is left', async () => {
  process.env.TMPDIR = make();
  const store = new DiskStore(device, cut);
  assert.equal(readdirSync(process.env.TMPDIR), [], 'the open file has no name');
  let isDisposed = false;
  const features = { dispose: () => (isDisposed = true) } as unknown as Tensor;
  store[Symbol.dispose](); // so that writing fails, as on a full disk
  await refuses(store.add(features), WgradError, /features cannot be kept in .*: EBADF/);
  assert.ok(isDisposed);
});

test.run();
