// The GEMM cores and which of them serves a shape. matmul, linear and the three convolution passes link with these.
import { type Capabilities, flatGrid, type Variant, type Workgroups } from '../definition.ts';
import { link, type Shader } from '../shader.ts';
import { shader as lanesAcross } from './lanes.across.wgsl.ts';
import { shader as lanesAlong } from './lanes.along.wgsl.ts';
import { shader as lanesSingle } from './lanes.single.wgsl.ts';
import { shader as lanes } from './lanes.wgsl.ts';
import { shader as largeRegistersCore } from './largeRegisters.wgsl.ts';
import { shader as naiveCore } from './naive.wgsl.ts';
import { shader as registersCore } from './registers.wgsl.ts';
import { shader as rowsAcross } from './rows.across.wgsl.ts';
import { shader as rowsAlong } from './rows.along.wgsl.ts';
import { shader as rows } from './rows.wgsl.ts';
import { shader as tallCore } from './tall.wgsl.ts';
import { shader as tileCore } from './tile.wgsl.ts';
import { shader as wideCore } from './wide.wgsl.ts';

export type CoreName = 'naive' | 'registers' | 'largeRegisters' | 'tile' | 'largeTile' | 'wide' | 'tall';

export const coreVariants: readonly (Variant & { name: CoreName })[] = [
  { name: 'naive', idea: 'one thread per four outputs of a row' },
  { name: 'registers', idea: '4x4 outputs per thread in registers; nothing but loads and FMAs' },
  { name: 'largeRegisters', idea: '8x8 outputs per thread; half the loads, for adapters that compute in memory' },
  { name: 'tile', idea: 'tiles of 64x64 staged in workgroup memory', supported: hasTiles },
  { name: 'largeTile', idea: 'tiles of 128x128, 8x8 outputs per thread', supported: hasTiles },
  { name: 'wide', idea: 'subgroup lanes along the columns, A passed round by shuffles', supported: hasFixedSubgroups },
  { name: 'tall', idea: 'subgroup lanes along the rows, B passed round by shuffles', supported: hasFixedSubgroups },
];

/** One operand file linked with every core. */
export type GemmShaders<S extends Shader> = Readonly<Record<CoreName, S>>;

/** What the cores need besides the files that all of them link. */
export interface CoreFiles {
  /** Defines `walk_from`, for the cores that shuffle. */
  readonly walk: Shader;
  /** Defines `load_a`. */
  readonly single: Shader;
  /** Defines `load_along` or `load_across`, for the cores that shuffle. Default: four times `load_a`. */
  readonly along?: Shader;
  readonly across?: Shader;
}

/**
 * Links an operand file (or several) with each core.
 * @param label room and pass: `conv2d/forward`
 */
export function linkCores<S extends Shader>(
  label: string,
  operands: readonly [S, ...Shader[]],
  { walk, single, along, across }: CoreFiles,
): GemmShaders<S> {
  const linked = (core: CoreName, files: readonly Shader[]) =>
    link(`${label} ${core}`, [...operands, ...files], core === 'largeTile' ? { QUADS: 2 } : {}) as unknown as S;
  const wide = along ? [along, rowsAlong] : across ? [across, rowsAcross] : [single, rows];
  const tall = along ? [along, lanesAlong] : across ? [across, lanesAcross, lanes] : [single, lanesSingle, lanes];
  return {
    naive: linked('naive', [single, naiveCore]),
    registers: linked('registers', [single, registersCore]),
    largeRegisters: linked('largeRegisters', [single, largeRegistersCore]),
    tile: linked('tile', [single, tileCore]),
    largeTile: linked('largeTile', [single, tileCore]),
    wide: linked('wide', [walk, ...wide, wideCore]),
    tall: linked('tall', [...tall, tallCore]),
  };
}

/** Multiprocessors of a GPU are 10 to 150; this many workgroups keep most of them busy. */
const BUSY = 96;

/** The core for C[m, n], unless a variant is forced. */
export function chooseCore(device: Capabilities, m: number, n: number, variant?: string): CoreName {
  if (variant) return variant as CoreName;
  if (device.kind === 'gpu' && hasTiles(device) && m >= 32 && n >= 32) {
    return Math.ceil(m / 128) * Math.ceil(n / 128) >= BUSY ? 'largeTile' : 'tile';
  }
  if (device.kind === 'swiftshader' && m >= 8 && n >= 8) return 'largeRegisters';
  if (!hasFixedSubgroups(device) || device.kind !== 'lavapipe') return 'registers';
  return n <= 32 && m >= 16 ? 'tall' : 'wide';
}

/** Multiply-accumulates of a product that any core is through with in a tenth of a millisecond. */
const TINY = 2 ** 17;

/** The core for products that take longer to compile than to run: the last layer of LeNet-5, or of a ResNet. */
export function cheapestToCompile({ kind }: Capabilities, macs: number): CoreName | undefined {
  return kind === 'lavapipe' && macs <= TINY ? 'naive' : undefined;
}

/** Whether a core that shuffles may load A in fours; the others have one way to load it. */
export function aInFours(core: CoreName, ...steps: readonly number[]): boolean {
  return (core === 'wide' || core === 'tall') && steps.every((step) => step % 4 === 0);
}

/**
 * Whether to load and store four columns at a time. The tall core loads B once per LANES steps, so it gains nothing,
 * and on lavapipe one pipeline less saves most of a second at the first step.
 */
export function inFours(core: CoreName, ...steps: readonly number[]): boolean {
  return core !== 'tall' && steps.every((step) => step % 4 === 0);
}

/** Overrides of a core's pipeline. */
export function coreConstants(core: CoreName, device: Capabilities): Record<string, number> {
  return core === 'wide' || core === 'tall' ? { LANES: device.subgroupSize } : {};
}

/** Workgroups that cover C[m, n] once in each of `slices` z-slices (groups, batches, splits of k). */
export function coreGrid(core: CoreName, device: Capabilities, m: number, n: number, slices: number): Workgroups {
  const tiles = (rows: number, columns: number) => Math.ceil(m / rows) * Math.ceil(n / columns);
  const lanes = device.subgroupSize;
  const [x, y] = {
    naive: () => flatGrid(tiles(1, 4), 64),
    registers: () => flatGrid(tiles(4, 4), 64),
    largeRegisters: () => flatGrid(tiles(8, 8), 64),
    tile: () => flatGrid(tiles(64, 64), 1),
    largeTile: () => flatGrid(tiles(128, 128), 1),
    wide: () => flatGrid(tiles(16, lanes * 8), 1),
    tall: () => flatGrid(tiles(lanes * 4, 16), 1),
  }[core]();
  return [x, y, slices];
}

function hasFixedSubgroups({ subgroupSize }: Capabilities): boolean {
  return subgroupSize > 0;
}

function hasTiles({ maxWorkgroupSize, maxWorkgroupStorage }: Capabilities): boolean {
  return maxWorkgroupSize >= 256 && maxWorkgroupStorage >= 2 ** 14;
}
