// What this adapter can do at best: the bandwidth of a copy and the rate of multiply-adds that touch no memory.
import { flatGrid, type Workgroups } from '../../kernels/definition.ts';
import { parseShader, type Shader } from '../../kernels/shader.ts';
import type { Device } from '../device.ts';
import type { BufferRange } from '../pipelines.ts';
import { timeDispatches } from './timeDispatches.ts';

export interface Roof {
  /** Read and written, of the faster of two copy kernels. */
  readonly bytesPerSecond: number;
  /** A multiply-add counts two. */
  readonly flopPerSecond: number;
}

const WORKGROUP_SIZE = 64;
/** Beyond the caches of most adapters; two of them are needed. */
const COPY_BYTES = 64 * 2 ** 20;
const THREADS = 2 ** 16;
const COPIES = [copyShader('f32'), copyShader('vec4f')];
/**
 * Independent chains in a thread: too few wait for one another, too many leave the registers. And two ways to write
 * one step: some drivers make one instruction of both, some of the second only, and some call a function for it.
 */
const MULTIPLY_ADDS = [8, 16].flatMap((chains) =>
  ['acc * a + b', 'fma(acc, a, b)'].map((form) => ({ chains, shader: multiplyAddShader(form, chains) })),
);
/** Runs are lengthened until they last as long, nanoseconds. */
const LONG_ENOUGH = 1e7;
const MOST_TRIPS = 2 ** 20;
const REPEATS = 8;

/** Measures both, in a second or two; the best of several runs counts. */
export async function measureRoof(device: Device): Promise<Roof> {
  const bytesPerSecond = await copyBandwidth(device);
  const flopPerSecond = await multiplyAddPeak(device);
  return { bytesPerSecond, flopPerSecond };
}

/** Nanoseconds at least: what the roof says of so much work. */
export function leastTime({ bytes, flop }: { bytes: number; flop: number }, roof: Roof): number {
  return 1e9 * Math.max(bytes / roof.bytesPerSecond, flop / roof.flopPerSecond);
}

async function copyBandwidth(device: Device): Promise<number> {
  const bytes = Math.min(COPY_BYTES, device.bindingLimit - (device.bindingLimit % 16));
  using _ = device.scope();
  const [source, destination] = [device.empty([bytes / 4]), device.empty([bytes / 4])];
  const ranges = {
    source: rangeOf(source.storage.buffer, bytes),
    destination: rangeOf(destination.storage.buffer, bytes),
  };
  let least = Infinity;
  for (const shader of COPIES) {
    const elements = bytes / (shader.bindings.source.type === 'f32' ? 4 : 16);
    const grid = flatGrid(elements, WORKGROUP_SIZE);
    least = Math.min(least, await timed(device, shader, { ranges, params: { elements }, grid }));
  }
  return (2 * bytes) / (least / 1e9);
}

async function multiplyAddPeak(device: Device): Promise<number> {
  using _ = device.scope();
  const destination = device.empty([THREADS]);
  const ranges = { destination: rangeOf(destination.storage.buffer, THREADS * 4) };
  let best = 0;
  for (const { shader, chains } of MULTIPLY_ADDS) {
    let [trips, least] = [16, 0];
    while (least < LONG_ENOUGH && trips < MOST_TRIPS) {
      trips *= 4;
      const params = { trips, a: 0.999, b: 0.001 };
      least = await timed(device, shader, { ranges, params, grid: [THREADS / WORKGROUP_SIZE] });
    }
    best = Math.max(best, (2 * THREADS * chains * trips) / (least / 1e9));
  }
  return best;
}

interface Run {
  ranges: Record<string, BufferRange>;
  params: Record<string, number>;
  grid: Workgroups;
}

/** Nanoseconds of the fastest run. */
async function timed(device: Device, shader: Shader, { ranges, params, grid }: Run): Promise<number> {
  const pipeline = device.pipelines.pipeline(shader, {});
  const dispatch = () => device.recorder.dispatch(pipeline, ranges, params, grid, () => shader.label);
  dispatch(); // compiles
  const times = await timeDispatches(device, () => {
    for (let i = 0; i < REPEATS; i++) dispatch();
  });
  return Math.max(1, Math.min(...times));
}

function rangeOf(buffer: GPUBuffer, size: number): BufferRange {
  return { buffer, offset: 0, size };
}

function copyShader(element: 'f32' | 'vec4f'): Shader {
  return parseShader(
    `roof/copy ${element}`,
    `struct Params { elements: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<${element}>;
@group(0) @binding(2) var<storage, read_write> destination: array<${element}>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = id.y * workgroups.x * ${WORKGROUP_SIZE}u + id.x;
  if (i < params.elements) { destination[i] = source[i]; }
}
`,
  );
}

function multiplyAddShader(form: string, chains: number): Shader {
  const each = (text: string) => Array.from({ length: chains }, (_, i) => text.replaceAll('acc', `acc${i}`)).join(' ');
  return parseShader(
    `roof/multiplyAdd ${chains} ${form}`,
    `struct Params { trips: u32, a: f32, b: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> destination: array<f32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let a = params.a;
  let b = params.b;
  let start = f32(id.x);
  ${Array.from({ length: chains }, (_, i) => `var acc${i} = start + ${i}.0;`).join(' ')}
  for (var trip = 0u; trip < params.trips; trip++) { ${each(`acc = ${form};`)} }
  destination[id.x] = ${Array.from({ length: chains }, (_, i) => `acc${i}`).join(' + ')};
}
`,
  );
}
