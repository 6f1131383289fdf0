// Who takes part: wgrad, its peers on WebGPU, and torch's native CPU code as a yardstick.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WgradError } from '../../kernels/errors.ts';
import { packageRoot } from './packageRoot.ts';

export type ContenderName = 'wgrad' | 'tfjs' | 'jax-js' | 'torch';
export type PeerName = Exclude<ContenderName, 'wgrad'>;

interface ContenderFacts {
  /** Calls `serve` (serve.ts), or speaks protocol.ts in its own language. */
  readonly program: URL;
  /** Packages it needs. */
  readonly packages: readonly string[];
}

/** A source beside this file, or what the build made of it. */
const beside = (name: string) => new URL(`./contenders/${name}${import.meta.filename.slice(-3)}`, import.meta.url);

export const contenders: Readonly<Record<ContenderName, ContenderFacts>> = {
  wgrad: { program: beside('wgrad'), packages: ['webgpu'] },
  tfjs: {
    program: beside('tfjs'),
    packages: ['webgpu', '@tensorflow/tfjs', '@tensorflow/tfjs-backend-webgpu'],
  },
  'jax-js': { program: beside('jaxjs'), packages: ['webgpu', '@jax-js/jax'] },
  // no compiler copies it
  torch: { program: pathToFileURL(join(packageRoot(), 'bench/suite/contenders/pytorch.py')), packages: [] },
};

export const peerNames = (Object.keys(contenders) as ContenderName[]).filter((name) => name !== 'wgrad');

/** What must be done before a peer can take part, or undefined. */
export function missing(name: PeerName, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (name === 'torch') return environment.WGRAD_PYTHON ? undefined : 'set WGRAD_PYTHON to a Python that has torch';
  const absent = contenders[name].packages.filter((each) => !isInstalled(each));
  return absent.length ? `npm install --no-save ${absent.join(' ')}` : undefined;
}

/**
 * The peers of `--against`. Default: those that are there.
 * @param list names separated by commas, or `none`
 * @throws WgradError for a name nobody has, and for a named peer that is not there, with what to do
 */
export function choosePeers(list: string | undefined, environment: NodeJS.ProcessEnv = process.env): PeerName[] {
  if (list === undefined) return peerNames.filter((name) => missing(name, environment) === undefined);
  if (list.trim() === 'none') return [];
  const names = [...new Set(list.split(',').map((name) => name.trim()))];
  for (const name of names) {
    if (!peerNames.includes(name as PeerName))
      throw new WgradError(`--against: ${JSON.stringify(name)} is none of ${peerNames.join(', ')}, none`);
    const reason = missing(name as PeerName, environment);
    if (reason) throw new WgradError(`--against: ${name} is not there: ${reason}`);
  }
  return names as PeerName[];
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
