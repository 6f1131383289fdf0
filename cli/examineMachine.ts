// The facts that `wgrad doctor` reports: what this machine has of all that wgrad can use.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatasetNotFoundError, findDataset } from '../datasets/node/index.ts';
import type { AdapterKind } from '../engine/adapterKind.ts';
import { type FoundAdapter, listAdapters } from '../engine/node/adapters.ts';
import { cacheFolder } from '../engine/node/cacheFolder.ts';
import { chooseAdapter } from '../engine/node/chooseAdapter.ts';
import { explainFailure } from '../engine/node/explainAdapters.ts';
import { driverManifests } from '../engine/node/vulkan.ts';
import { AdapterError } from '../kernels/errors.ts';

export interface Examination {
  node: string;
  platform: string;
  cacheFolder: string;
  /** Where the Vulkan loader comes from: `system`, the folder of the packaged one, or null. */
  vulkanLoader: string | null;
  /** Manifests of the Vulkan drivers that the loader reads. */
  drivers: string[];
  adapters: AdapterReport[];
  /** Index of the adapter that wgrad opens by default; null when there is none that fits. */
  chosen: number | null;
  /** Installed version of each package, or null. */
  packages: Record<string, string | null>;
  /** The variables that matter and are set. */
  environment: Record<string, string>;
  data: { root: string | null; sets: { name: string; folder: string | null }[] };
  /** What is missing, each with the command that gets it. */
  missing: { what: string; remedy: string }[];
}

export interface AdapterReport {
  kind: AdapterKind;
  vendor: string;
  architecture: string;
  device: string;
  description: string;
  driverVersion: string | null;
  subgroupSizes: [number, number];
  features: string[];
  limits: Record<(typeof limitNames)[number], number>;
}

/** The limits that decide which kernels can run, and how large a tensor may be before it is split. */
const limitNames = [
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
] as const;

const packageNames = ['webgpu', '@sparticuz/chromium', 'commander', 'pngjs', 'vega', 'vega-lite'];
const variableNames = [
  ...['WGRAD_ADAPTER', 'WGRAD_DATA', 'WGRAD_HOME', 'WGRAD_NO_INSTALL'],
  ...['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'VK_LOADER_DRIVERS_SELECT', 'VK_LOADER_DRIVERS_DISABLE'],
  ...['LD_LIBRARY_PATH', 'XDG_RUNTIME_DIR', 'MESA_SHADER_CACHE_DIR', 'MESA_SHADER_CACHE_DISABLE', 'LP_NUM_THREADS'],
];

export async function examineMachine(): Promise<Examination> {
  // before the search, which sets Mesa's variables where they are unset
  const environment = Object.fromEntries(
    variableNames.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  const search = await searchAdapters();
  const packages = Object.fromEntries(packageNames.map((name) => [name, installedVersion(name)]));
  const data = findData(process.env.WGRAD_DATA || null);
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cacheFolder: cacheFolder(),
    vulkanLoader: search.vulkanLoader,
    drivers: process.platform === 'linux' ? driverManifests() : [],
    adapters: search.adapters.map(reportAdapter),
    chosen: search.chosen,
    packages,
    environment,
    data,
    missing: [
      ...(search.failure ? [search.failure] : []),
      ...(search.adapters.length > 0 && search.adapters.every(({ kind }) => kind !== 'gpu')
        ? [{ what: 'GPU (CPU adapters are for tests and first steps)', remedy: "its maker's Vulkan driver" }]
        : []),
      ...Object.entries(packages)
        .filter(([, version]) => version === null)
        .map(([name]) => ({ what: `package ${name}`, remedy: `npm install ${name}` })),
      ...(data.root === null
        ? [{ what: 'data sets (the generated one is built in)', remedy: 'export WGRAD_DATA=<folder holding mnist/ …>' }]
        : data.sets
            .filter((set) => set.folder === null)
            .map((set) => ({
              what: `${set.name} under WGRAD_DATA`,
              remedy: `place its files in ${data.root}/${set.name}`,
            }))),
    ],
  };
}

interface AdapterSearch {
  adapters: FoundAdapter[];
  chosen: number | null;
  vulkanLoader: string | null;
  failure: { what: string; remedy: string } | null;
}

async function searchAdapters(): Promise<AdapterSearch> {
  try {
    const { adapters, loader } = await listAdapters();
    const wish = { adapter: process.env.WGRAD_ADAPTER };
    const best = chooseAdapter(adapters, wish);
    const failure = best ? null : { what: 'adapter', remedy: explainFailure(adapters, wish, loader) };
    const vulkanLoader = loader !== null && loader !== 'system' ? loader.unpackedIn : loader;
    return { adapters, chosen: best ? adapters.indexOf(best) : null, vulkanLoader, failure };
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    return { adapters: [], chosen: null, vulkanLoader: null, failure: { what: 'adapter', remedy: error.message } };
  }
}

function reportAdapter({ kind, info, adapter, features }: FoundAdapter): AdapterReport {
  const { vendor, architecture, device, description } = info;
  return {
    ...{ kind, vendor, architecture, device, description },
    driverVersion: /\d+(?:\.\d+)+/.exec(description)?.[0] ?? null,
    subgroupSizes: [adapter.info.subgroupMinSize, adapter.info.subgroupMaxSize],
    features: [...features].sort(),
    limits: Object.fromEntries(limitNames.map((name) => [name, adapter.limits[name]])) as AdapterReport['limits'],
  };
}

function findData(root: string | null): Examination['data'] {
  const sets = (['mnist', 'fashion-mnist'] as const).map((name) => ({ name, folder: root && folderOf(root, name) }));
  return { root, sets };
}

function folderOf(root: string, name: 'mnist' | 'fashion-mnist'): string | null {
  try {
    return findDataset(root, name).folder;
  } catch (error) {
    if (error instanceof DatasetNotFoundError) return null;
    throw error;
  }
}

/** Not by `require.resolve`: some packages do not export their package.json. */
function installedVersion(name: string): string | null {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const file = join(folder, 'node_modules', name, 'package.json');
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
    if (folder === dirname(folder)) return null;
  }
}
