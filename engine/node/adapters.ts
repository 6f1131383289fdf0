// Finds the WebGPU adapter to run on, in Node.js through Dawn: a real GPU, else Mesa's CPU driver, else SwiftShader.
//
// How Dawn (npm package webgpu 0.6) behaves, found by trial:
// - `create()` may be called many times; each one reads VK_DRIVER_FILES anew, so one process can hold several drivers.
// - `requestAdapter` offers one adapter, GPUs before CPU drivers. `create(['adapter=x'])` takes the first whose name
//   contains x, case mattering; where none does, the error lists all names: the only way to see them.
// - Dawn refuses drivers that are too old (Mesa 22.3) without a word: they are simply not listed.
// - When the object returned by `create()` is garbage-collected while a device of it is in use, the process crashes:
//   whoever holds the device must hold `gpu`. A reference that is still held does not keep the process from ending.
import { AdapterError } from '../../kernels/errors.ts';
import { adapterKind } from '../adapterKind.ts';
import { type AdapterDescription, type AdapterWish, chooseAdapter } from './chooseAdapter.ts';
import { explainFailure } from './explainAdapters.ts';
import { type SwiftShader, unpackSwiftShader } from './swiftshader.ts';
import { type Loader, mesaEnvironment, onlyDriver, provideLoader } from './vulkan.ts';

export interface FoundAdapter extends AdapterDescription {
  /** To be held as long as a device of it is used; see above. */
  gpu: GPU;
  adapter: GPUAdapter;
  /** Variables that a process must start with for a plain `create([])` of Dawn to find this adapter. */
  environment: Record<string, string>;
}

export interface AdapterRequest extends AdapterWish {
  /** Options for Dawn's `create`: `['disable-dawn-features=timestamp_quantization']`. Default: none. */
  dawnOptions?: readonly string[];
}

/**
 * Opens the adapter that was asked for, else the best: a real GPU, lavapipe, SwiftShader.
 *
 * Sets `XDG_RUNTIME_DIR` and `MESA_SHADER_CACHE_DIR` in this process where they are unset.
 *
 * @throws AdapterError naming what was found and the command that gets what is missing.
 */
export async function openAdapter(request: AdapterRequest = {}): Promise<FoundAdapter> {
  const search = await startSearch(request.dawnOptions);
  const wanted = request.adapter ?? process.env.WGRAD_ADAPTER;
  const choose = (found: FoundAdapter[]) => chooseAdapter(found, { adapter: wanted, features: request.features });

  // Each look at the drivers costs time and a warning of Dawn on stderr, so look no further than needed.
  const first = await search.first();
  const quick = choose(first ? [first] : []);
  if (quick && (wanted || quick.kind !== 'swiftshader')) return quick;
  const offered = await search.offered(first);
  const chosen = choose(offered);
  if (chosen) return chosen;
  const all = [...offered, ...(await search.swiftShader(offered))];
  const last = choose(all);
  if (last) return last;
  throw new AdapterError(explainFailure(all, { adapter: wanted, features: request.features }, search.loader));
}

/** All adapters there are, SwiftShader included, in the order the drivers give them. Never throws for want of one. */
export async function listAdapters(): Promise<{ adapters: FoundAdapter[]; loader: Loader }> {
  const search = await startSearch();
  const offered = await search.offered(await search.first());
  return { adapters: [...offered, ...(await search.swiftShader(offered))], loader: search.loader };
}

async function startSearch(dawnOptions: readonly string[] = []) {
  Object.assign(process.env, mesaEnvironment());
  const loader = provideLoader();
  const loaderPath: Record<string, string> = {};
  if (loader !== null && loader !== 'system') {
    const { LD_LIBRARY_PATH } = process.env;
    loaderPath.LD_LIBRARY_PATH = LD_LIBRARY_PATH ? `${loader.unpackedIn}:${LD_LIBRARY_PATH}` : loader.unpackedIn;
  }
  const { create } = await importDawn();

  async function request(options: string[], environment: Record<string, string> = {}): Promise<FoundAdapter | null> {
    const gpu = create([...dawnOptions, ...options]);
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return null;
    const { info } = adapter;
    const kind = adapterKind(info);
    const features: ReadonlySet<string> = adapter.features;
    return { gpu, adapter, kind, description: info.description || info.device, info, features, environment };
  }

  return {
    loader,
    first: () => request([], loaderPath),
    async offered(first: FoundAdapter | null): Promise<FoundAdapter[]> {
      if (!first) return [];
      const nobody = ['adapter=\u0001'];
      const names = await request(nobody).then(
        () => [],
        (error) => listedNames(String(error.message ?? error)),
      );
      if (names.length < 2) return [first];
      const all: FoundAdapter[] = [first];
      for (const name of names) {
        const found = await request([`adapter=${name}`], loaderPath);
        if (found && !all.some((one) => isSame(one, found))) all.push(found);
      }
      return all;
    },
    async swiftShader(offered: FoundAdapter[]): Promise<FoundAdapter[]> {
      if (offered.some((one) => one.kind === 'swiftshader')) return [];
      let unpacked: SwiftShader;
      try {
        unpacked = unpackSwiftShader();
      } catch {
        return [];
      }
      const only = onlyDriver(unpacked.driver);
      const found = await withEnvironment(only, () => request([], { ...only, ...loaderPath }));
      return found ? [found] : [];
    },
  };
}

function isSame(a: FoundAdapter, b: FoundAdapter): boolean {
  return a.info.device === b.info.device && a.info.description === b.info.description;
}

/** `process.env` reaches getenv() of the loader; it is put back, or a later search would find SwiftShader only. */
async function withEnvironment<T>(environment: Record<string, string>, body: () => Promise<T>): Promise<T> {
  const before = Object.keys(environment).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, environment);
  try {
    return await body();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

async function importDawn(): Promise<typeof import('webgpu')> {
  try {
    return await import('webgpu');
  } catch (error) {
    throw new AdapterError(
      `WebGPU for Node.js cannot be loaded (npm install webgpu): ${(error as Error).message.split('\n')[0]}`,
      { cause: error },
    );
  }
}

/** The names in the error by which Dawn answers a request for an adapter that nobody has. */
export function listedNames(message: string): string[] {
  return [
    ...new Set(Array.from(message.matchAll(/^ \* backend: '[^']*', name: '(.*)'$/gm), (match) => match[1] ?? '')),
  ];
}
