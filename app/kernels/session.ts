// What the worker of the Kernels page answers: which kernels there are, and how right and how fast they are here.
import { createDevice, type Device } from '../../engine/index.ts';
import { measureRoof, type Roof } from '../../engine/profile/index.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { type Room, registry } from '../../kernels/registry.ts';
import type { Shader } from '../../kernels/shader.ts';
import { plannedLaunches, workgroupsOf } from '../../lab/plannedLaunches.ts';
import { EditedShader } from '../../lab/withShaders.ts';
import { type RooflineOptions, type RooflinePoint, rooflineSvg } from '../../training/report/roofline.ts';
import { type CaseResult, checkOne } from './checkOne.ts';
import { compileMessages, type ShaderMessage } from './compileMessages.ts';
import { defaultProblems, type TimedProblem } from './timedProblems.ts';
import { type ProblemTimes, timeProblem } from './timeProblem.ts';

export interface OperationFacts {
  readonly name: string;
  readonly variants: readonly { readonly name: string; readonly idea: string; readonly isSupported: boolean }[];
}

export interface AdapterFacts {
  readonly name: string;
  /** Whether the GPU's own clock is used. */
  readonly hasTimestamps: boolean;
  readonly isSoftware: boolean;
}

export interface KernelFacts {
  readonly label: string;
  /** WGSL, all its files linked. */
  readonly code: string;
  /** Of the room's cases, how many run it with this variant on this adapter. */
  readonly cases: number;
}

export interface OperationKernels {
  /** Whose they are. */
  readonly operation: string;
  /** In the room's order; ones that no case runs here are left out. */
  readonly kernels: readonly KernelFacts[];
  readonly cases: number;
  /** What to time unless told otherwise. */
  readonly problems: readonly TimedProblem[];
}

/** What is checked and timed. */
export interface Choice {
  readonly operation: string;
  /** Undefined: the room chooses, problem by problem. */
  readonly variant: string | undefined;
  /** Texts by label, in place of the room's own. */
  readonly edits: Readonly<Record<string, string>>;
}

type KernelsOf = Pick<Choice, 'operation' | 'variant'>;

/** Beyond as many workgroups a software adapter would take minutes. */
const MOST_WORKGROUPS_IN_SOFTWARE = 20_000;

export class Session {
  #device: Promise<Device> | undefined;
  #roof: Promise<Roof> | undefined;

  async adapter(): Promise<AdapterFacts> {
    const { adapterName, gpu, capabilities } = await this.#opened();
    const hasTimestamps = gpu.features.has('timestamp-query');
    return { name: adapterName, hasTimestamps, isSoftware: capabilities.kind !== 'gpu' };
  }

  async operations(): Promise<OperationFacts[]> {
    const { capabilities } = await this.#opened();
    return registry.map(({ operation: { name, variants = [] } }) => ({
      name,
      variants: variants.map((variant) => ({
        name: variant.name,
        idea: variant.idea,
        isSupported: variant.supported?.(capabilities) !== false,
      })),
    }));
  }

  async kernels({ operation, variant }: KernelsOf): Promise<OperationKernels> {
    const { capabilities } = await this.#opened();
    const room = roomOf(operation);
    const listed = room.operation.shaders.map(({ label }) => label);
    // another room's come last
    const place = (label: string) => (listed.includes(label) ? listed.indexOf(label) : listed.length);
    const kernels = [...shadersRun(room, capabilities, variant)]
      .map(([label, { shader, cases }]) => ({ label, code: shader.code, cases }))
      .sort((a, b) => place(a.label) - place(b.label));
    return { operation, kernels, cases: room.cases.cases.length, problems: defaultProblems(room) };
  }

  /** What the compiler says of a text, errors of its interface included. */
  async compile({ operation, variant }: KernelsOf, label: string, code: string): Promise<ShaderMessage[]> {
    const device = await this.#opened();
    const run = shadersRun(roomOf(operation), device.capabilities, variant).get(label);
    if (!run) throw new ShapeError(`${operation} does not run a shader '${label}' here`);
    return compileMessages(device, run.shader, code);
  }

  /**
   * Every case of the room against the reference.
   * @param onCase before a case, its name; after it, its result. Waited for: it must not come after the end
   * @throws KernelError for an edited text that cannot stand in; DeviceLostError
   */
  async check(choice: Choice, onCase: (name: string, result?: CaseResult) => void | Promise<void>): Promise<void> {
    const device = await this.#opened();
    const room = roomOf(choice.operation);
    const edits = editsOf(room, device, choice);
    const { capabilities } = device;
    for (const [index, kase] of room.cases.cases.entries()) {
      await onCase(kase.name);
      const launches = plannedLaunches(room, kase, capabilities, choice.variant);
      const runsEdit = launches.some(({ shader }) => shader.label in choice.edits);
      const workgroups = Math.max(...launches.map(workgroupsOf));
      if (capabilities.kind !== 'gpu' && workgroups > MOST_WORKGROUPS_IN_SOFTWARE) {
        const skipped = `${workgroups.toLocaleString('en-US')} workgroups take too long on a software adapter`;
        await onCase(kase.name, { name: kase.name, runsEdit, tensors: [], skipped });
        continue;
      }
      const result = await checkOne(device, room, { index, variant: choice.variant, edits });
      await onCase(kase.name, { ...result, runsEdit });
      if (result.error?.isFinal) return;
    }
  }

  /** Times problems one after the other. @throws ShapeError for one that the operation refuses; as `check` */
  async time(
    choice: Choice,
    problems: readonly TimedProblem[],
    onProblem: (index: number, times?: ProblemTimes) => void | Promise<void>,
  ): Promise<void> {
    const device = await this.#opened();
    const room = roomOf(choice.operation);
    const edits = editsOf(room, device, choice);
    for (const [index, problem] of problems.entries()) {
      await onProblem(index);
      await onProblem(index, await timeProblem(device, room, problem, { variant: choice.variant, edits }));
    }
  }

  /** What this adapter does at best; measured once. */
  async roof(): Promise<Roof> {
    const device = await this.#opened();
    this.#roof ??= measureRoof(device);
    return this.#roof;
  }

  /** SVG text. */
  roofline(points: readonly RooflinePoint[], options: RooflineOptions): Promise<string> {
    return rooflineSvg(points, options);
  }

  #opened(): Promise<Device> {
    this.#device ??= createDevice();
    return this.#device;
  }
}

function roomOf(name: string): Room {
  const room = registry.find(({ operation }) => operation.name === name);
  if (!room) throw new ShapeError(`there is no operation '${name}'`);
  return room;
}

/** By label, with the number of cases that run it. Rooms run one another's too: a convolution is a matrix product at times. */
function shadersRun(room: Room, capabilities: Device['capabilities'], variant: string | undefined) {
  const run = new Map<string, { shader: Shader; cases: number }>();
  for (const kase of room.cases.cases) {
    const launches = plannedLaunches(room, kase, capabilities, variant);
    for (const shader of new Set(launches.map((launch) => launch.shader))) {
      run.set(shader.label, { shader, cases: (run.get(shader.label)?.cases ?? 0) + 1 });
    }
  }
  return run;
}

function editsOf(room: Room, { capabilities }: Device, { variant, edits }: Choice): EditedShader[] {
  const run = shadersRun(room, capabilities, variant);
  return Object.entries(edits).flatMap(([label, code]) => {
    const shader = run.get(label)?.shader;
    return shader ? [new EditedShader(shader, code)] : []; // another variant's
  });
}
