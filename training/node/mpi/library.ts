// libmpi through koffi. Both are optional: what is missing is said, and how to get it.
import type { LibraryHandle } from 'koffi';
import { RankError } from '../../distributed/rankError.ts';
import type { MpiEnvironment } from './environment.ts';

export type Koffi = typeof import('koffi');

export interface MpiLibrary {
  readonly koffi: Koffi;
  readonly lib: LibraryHandle;
  readonly flavour: 'Open MPI' | 'MPICH';
  /** As the library names itself. */
  readonly version: string;
}

/** By flavour; `libmpi.so.12` is also the name of MPICH's ABI (Intel MPI, MVAPICH, Cray). */
const NAMES = {
  'Open MPI': ['libmpi.so.40', 'libmpi.so.80', 'libmpi.40.dylib', 'libmpi.dylib', 'libmpi.so'],
  MPICH: ['libmpich.so.12', 'libmpi.so.12', 'libmpich.so', 'libpmpi.12.dylib', 'libmpi.12.dylib', 'libmpi.so'],
};

/**
 * Loads koffi and the MPI library of the launcher that started this process.
 * @param launcher decides which library is looked for first; `WGRAD_MPI_LIBRARY` names one instead
 * @throws RankError where koffi or a library is missing, or the library is not the launcher's
 */
export async function loadMpi(launcher: MpiEnvironment['launcher']): Promise<MpiLibrary> {
  const koffi = await loadKoffi();
  const named = process.env.WGRAD_MPI_LIBRARY;
  const names = named
    ? [named]
    : launcher === 'MPICH'
      ? [...NAMES.MPICH, ...NAMES['Open MPI']]
      : [...NAMES['Open MPI'], ...NAMES.MPICH];
  const reasons: string[] = [];
  for (const name of new Set(names)) {
    let lib: LibraryHandle;
    try {
      lib = koffi.load(name, { global: true, lazy: true }); // Open MPI's plugins look for its symbols
    } catch (error) {
      reasons.push(`${name}: ${(error as Error).message}`);
      continue;
    }
    const version = versionOf(koffi, lib);
    const flavour = flavourOf(version);
    if (launcher === 'unknown' || flavour === launcher) return { koffi, lib, flavour, version };
    reasons.push(`${name} is ${version}, but ${launcher}'s mpirun started this process`);
  }
  throw new RankError(
    `no MPI library for ${launcher === 'unknown' ? 'this launcher' : launcher} could be loaded (${reasons.join('; ')}). Install one, such as Debian's libopenmpi3 or libmpich12, use its own mpirun, or name it in WGRAD_MPI_LIBRARY`,
  );
}

async function loadKoffi(): Promise<Koffi> {
  try {
    const loaded = (await import('koffi')) as Koffi & { default?: Koffi };
    return loaded.default ?? loaded;
  } catch (cause) {
    throw new RankError(
      'training on several ranks needs the npm package koffi, which could not be loaded: npm install koffi',
      { cause },
    );
  }
}

/** One of the few functions that may be called before MPI_Init. */
function versionOf(koffi: Koffi, lib: LibraryHandle): string {
  const text = new Uint8Array(8192); // MPI_MAX_LIBRARY_VERSION_STRING of both
  const length = [0];
  lib.func('MPI_Get_library_version', 'int', ['void *', koffi.out(koffi.pointer('int'))])(text, length);
  return new TextDecoder()
    .decode(text.subarray(0, length[0]))
    .split(/[\n\0]/)[0]!
    .replaceAll('\t', ' ')
    .trim();
}

function flavourOf(version: string): MpiLibrary['flavour'] {
  if (version.startsWith('Open MPI')) return 'Open MPI';
  if (/MPICH|Intel|MVAPICH|CRAY/i.test(version)) return 'MPICH'; // all of the MPICH ABI
  throw new RankError(`this MPI library is neither Open MPI nor of MPICH's ABI: ${version}`);
}
