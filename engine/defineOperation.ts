// A user's own WGSL as an operation: checked, launched, recorded and differentiated like the engine's.
import type { InputSpec, Launch, Operation, Problem, Specs } from '../kernels/definition.ts';
import { KernelError, ShapeError } from '../kernels/errors.ts';
import { parseShader, type Shader } from '../kernels/shader.ts';
import { applyForY, type Inputs } from './apply.ts';
import type { Tensor } from './tensor.ts';

type Shaders<Files extends string> = Readonly<Record<Files, Shader>>;

export interface OperationDefinition<Options, Files extends string> {
  /** Names it in errors; its shaders are labelled `name/file`. */
  name: string;
  inputs: readonly InputSpec[];
  /** WGSL texts: an entry point `main`, runtime-sized storage arrays, and scalars in `struct Params`. */
  wgsl: Readonly<Record<Files, string>>;
  /** Checks shapes and options and describes the outputs; the differentiable one is called `y`. Throws ShapeError. */
  infer(inputs: Specs, options: Options): Specs;
  /** The launches that write the outputs; bindings are tensors' names unless `bind` says otherwise. */
  forward(problem: Problem<Options>, shaders: Shaders<Files>): Launch[];
  /** Inputs and outputs that `backward` reads. Default: none. */
  saved?(wanted: ReadonlySet<string>): readonly string[];
  /** The launches that turn `dy` and what was saved into `d<input>` for each wanted input. */
  backward?(problem: Problem<Options>, shaders: Shaders<Files>, wanted: ReadonlySet<string>): Launch[];
}

/** Runs the operation and returns `y`. */
export interface DefinedOperation<Options> {
  (inputs: Inputs, options: Options): Tensor;
  /** What rooms are made of: `apply(operation, …)` returns all outputs. */
  readonly operation: Operation<Options>;
}

/**
 * Makes an operation from WGSL. `launch` and `flatGrid` of `wgrad/kernels` build the launches:
 *
 *     const square = defineOperation({
 *       name: 'square',
 *       inputs: [{ name: 'x', layout: 'any' }],
 *       wgsl: { forward: '…', backward: '…' },
 *       infer: ({ x }) => ({ y: x }),
 *       forward: ({ inputs: { x } }, { forward }) => [
 *         launch(forward, { params: { elements: sizeOf(x.shape) }, workgroups: flatGrid(sizeOf(x.shape), 64) }),
 *       ],
 *       …
 *     });
 *     const y = square({ x }, {});
 *
 * @throws KernelError when a text's bindings or Params cannot be parsed; WGSL errors are thrown by the next read.
 *   Running it throws ShapeError when no output is called `y`, or an output or a wanted gradient is bound by no launch
 */
export function defineOperation<Options, Files extends string>({
  name,
  inputs,
  wgsl,
  infer,
  forward,
  saved,
  backward,
}: OperationDefinition<Options, Files>): DefinedOperation<Options> {
  const entries = Object.entries<string>(wgsl).map(([file, code]) => [file, parseShader(`${name}/${file}`, code)]);
  const shaders: Shaders<Files> = Object.fromEntries(entries);
  for (const shader of Object.values<Shader>(shaders)) checkUniforms(shader);
  const operation: Operation<Options> = {
    name,
    inputs,
    shaders: Object.values<Shader>(shaders),
    infer: (specs, options) => {
      const outputs = infer(specs, options);
      if (!outputs.y) throw new ShapeError(`${name}: infer must describe an output 'y' (has ${Object.keys(outputs)})`);
      return outputs;
    },
    forward: (problem) => ({ launches: writing(name, Object.keys(problem.outputs), forward(problem, shaders)) }),
    ...(saved && { saved }),
    ...(backward && {
      backward: (problem, wanted) => {
        const gradients = [...wanted].map((input) => `d${input}`);
        return { launches: writing(`${name} backward`, gradients, backward(problem, shaders, wanted)) };
      },
    }),
  };
  return Object.assign((given: Inputs, options: Options) => applyForY(operation, given, options), { operation });
}

/** The launches, if each tensor that they are to write is bound by one: memory is handed out with old contents. */
function writing(where: string, names: readonly string[], launches: Launch[]): Launch[] {
  const written = launches.flatMap(({ shader, bind }) =>
    Object.entries(shader.bindings)
      .filter(([, { access }]) => access === 'read_write')
      .map(([binding]) => bind[binding] ?? binding),
  );
  const missing = names.find((name) => !written.includes(name));
  if (missing) throw new ShapeError(`${where}: no launch writes '${missing}'`);
  return launches;
}

/** @throws KernelError unless scalars, and only they, come in one uniform of type Params */
function checkUniforms({ label, bindings, params }: Shader): void {
  const uniforms = Object.entries(bindings).filter(([, { access }]) => access === 'uniform');
  const types = uniforms.map(([name, { type }]) => `${name}: ${type}`).join(', ') || 'none';
  const wanted = Object.keys(params).length ? 1 : 0;
  if (uniforms.length === wanted && uniforms.every(([, { type }]) => type === 'Params')) return;
  throw new KernelError(
    `${label}: scalars come in one 'var<uniform> params: Params' with a 'struct Params' of them; the uniforms here: ${types}`,
  );
}
