// Choosing an adapter among those found, and opening the ones this machine has.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adapterKind } from '../../engine/adapterKind.ts';
import { listAdapters, listedNames, openAdapter } from '../../engine/node/adapters.ts';
import { cacheFolder } from '../../engine/node/cacheFolder.ts';
import { type AdapterDescription, chooseAdapter } from '../../engine/node/chooseAdapter.ts';
import { explainFailure } from '../../engine/node/explainAdapters.ts';
import { driverManifests } from '../../engine/node/vulkan.ts';
import { AdapterError } from '../../kernels/errors.ts';

const swiftshader = described(['google', 'swiftshader', 'swiftshader-device-subzero-', 'SwiftShader driver 5.0.0']);
const lavapipe = described(
  ['mesa', 'software', 'llvmpipe-llvm-15-0-6-256-bits-', 'llvmpipe: Mesa 25.0.7'],
  ['shader-f16'],
);
const radeon = described(['amd', 'rdna-3', 'amd-radeon-rx-7900-xt-radv-navi31-', 'radv: Mesa 25.0.7'], ['shader-f16']);
const geforce = described(['nvidia', 'lovelace', 'nvidia-geforce-rtx-4090', 'NVIDIA: 550.54.14 550.54.14.0']);
const all = [swiftshader, lavapipe, radeon, geforce];

test('a GPU comes before lavapipe, lavapipe before SwiftShader', () => {
  assert.is(chooseAdapter(all, {}), radeon);
  assert.is(chooseAdapter([swiftshader, lavapipe], {}), lavapipe);
  assert.is(chooseAdapter([swiftshader], { adapter: '' }), swiftshader);
  assert.is(chooseAdapter([], {}), null);
});

test('an adapter is named by a part of what it says of itself, in any case', () => {
  assert.is(chooseAdapter(all, { adapter: 'NVIDIA' }), geforce);
  assert.is(chooseAdapter(all, { adapter: 'GeForce RTX 4090' }), geforce);
  assert.is(chooseAdapter(all, { adapter: 'llvmpipe' }), lavapipe);
  assert.is(chooseAdapter(all, { adapter: 'lavapipe' }), lavapipe);
  assert.is(chooseAdapter(all, { adapter: 'SwiftShader' }), swiftshader);
  assert.is(chooseAdapter(all, { adapter: 'intel' }), null);
});

test('adapters that lack a feature are passed over', () => {
  assert.is(chooseAdapter([geforce, lavapipe], { features: ['shader-f16'] }), lavapipe);
  assert.is(chooseAdapter([geforce], { features: ['shader-f16'] }), null);
});

test('the message names what there is, what it lacks, and a command', () => {
  const missing = explainFailure([swiftshader], { adapter: 'nvidia' }, 'system');
  assert.match(missing, 'no adapter fits "nvidia"; there is swiftshader (SwiftShader driver 5.0.0)');
  assert.match(missing, 'node tools/setup.mjs');
  assert.match(explainFailure([swiftshader], { features: ['shader-f16'] }, 'system'), 'which lacks shader-f16');
  assert.match(explainFailure([], {}, null), 'Vulkan loader (libvulkan.so.1): none');
});

test("Dawn's list of adapters is read from its error", () => {
  const message = `no suitable backends found
Available adapters:
 * backend: 'vulkan', name: 'SwiftShader Device (Subzero)'
 * backend: 'vulkan', name: 'Bob's GPU'
 * backend: 'vulkan', name: 'Bob's GPU'`;
  assert.equal(listedNames(message), ['SwiftShader Device (Subzero)', "Bob's GPU"]);
  assert.equal(listedNames('something else'), []);
});

test('variables that name drivers hide the others', () => {
  assert.equal(driverManifests({ VK_DRIVER_FILES: '/a.json:/b.json', VK_ICD_FILENAMES: '/c.json' }), [
    '/a.json',
    '/b.json',
  ]);
  assert.equal(driverManifests({ VK_ICD_FILENAMES: '/c.json' }), ['/c.json']);
  assert.equal(driverManifests({ VK_DRIVER_FILES: '/nonexistent' }), []);
});

test('files are kept in WGRAD_HOME, else in the home folder', () => {
  const home = mkdtempSync(join(tmpdir(), 'wgrad-home-'));
  try {
    assert.is(cacheFolder({ HOME: home }), join(home, '.cache', 'wgrad'));
    assert.is(cacheFolder({ HOME: home, XDG_CACHE_HOME: join(home, 'x') }), join(home, 'x', 'wgrad'));
    assert.is(cacheFolder({ HOME: home, WGRAD_HOME: join(home, 'own') }), join(home, 'own'));
    assert.is.not(cacheFolder({ HOME: '/dev/null' }), '/dev/null/.cache/wgrad');
  } finally {
    rmSync(home, { recursive: true });
  }
});

test('every adapter of this machine can be opened by its own description, and computes', async () => {
  const before = { ...process.env };
  const { adapters } = await listAdapters();
  assert.ok(adapters.length > 0, 'no adapter on this machine');
  for (const { description } of adapters) {
    const opened = await openAdapter({ adapter: description });
    assert.is(opened.description, description);
    const device = await opened.adapter.requestDevice();
    const buffer = device.createBuffer({ size: 16, usage: 0x4 | 0x8 }); // COPY_SRC | COPY_DST
    const copy = device.createBuffer({ size: 16, usage: 0x1 | 0x8 }); // MAP_READ | COPY_DST
    device.queue.writeBuffer(buffer, 0, Float32Array.of(1, 2, 3, 4));
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, copy, 0, 16);
    device.queue.submit([encoder.finish()]);
    await copy.mapAsync(0x1);
    assert.equal([...new Float32Array(copy.getMappedRange())], [1, 2, 3, 4]);
    device.destroy();
    assert.ok(opened.gpu); // held until here, see adapters.ts
  }
  assert.is(process.env.VK_DRIVER_FILES, before.VK_DRIVER_FILES, 'the search for SwiftShader left its trace');
});

test('an adapter that nobody has is an AdapterError', async () => {
  try {
    await openAdapter({ adapter: 'no such adapter' });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, AdapterError);
    assert.match((error as Error).message, 'no adapter fits "no such adapter"; there is ');
  }
});

function described(words: [string, string, string, string], features: string[] = []): AdapterDescription {
  const [vendor, architecture, device, description] = words;
  const info = { vendor, architecture, device, description };
  return { kind: adapterKind(info), description, info, features: new Set(features) };
}

test.run();
