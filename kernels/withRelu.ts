// A rectifier at the end of an operation: the kernel that stores y stores max(y, 0), and backward first stops dy where
// nothing came through. Saves a pass over y, and the memory of what the rectifier would have read.
import { type Launch, type Operation, sizeOf } from './definition.ts';
import { backwardShaders, mapLaunch } from './elementwise/map.ts';
import { map } from './ndarray.ts';
import type { Reference } from './reference.ts';
import { shader as backwardFile } from './relu/backward.wgsl.ts';

export interface ReluOption {
  /** Whether `max(y, 0)` is what is stored; its gradient at zero is zero. Default false. */
  relu?: boolean;
}

const mask = backwardShaders('relu/backward', [backwardFile]);
const MASKED = 'masked';

/** An operation whose forward pass heeds `relu`; its backward pass is given a `dy` that went through the rectifier. */
export function withRelu<Options extends ReluOption>(operation: Operation<Options>): Operation<Options> {
  const { backward, saved = () => [] } = operation;
  return {
    ...operation,
    shaders: [...operation.shaders, mask.scalar, mask.vec4],
    saved: (wanted, problem) => [...saved(wanted, problem), ...(problem.options.relu ? ['y'] : [])],
    backward(problem, wanted) {
      const plan = backward!(problem, wanted);
      if (!problem.options.relu) return plan;
      const { outputs, device } = problem;
      const stop = mapLaunch(mask, { x: outputs.y, device }, { saved: 'y', dx: MASKED });
      return {
        scratch: { ...plan.scratch, [MASKED]: { length: sizeOf(outputs.y.shape) } },
        launches: [stop, ...plan.launches.map(readingMasked)],
      };
    },
  };
}

/** The same in float64. */
export function reluReference<Options extends ReluOption>(reference: Reference<Options>): Reference<Options> {
  return {
    forward(inputs, options) {
      const outputs = reference.forward(inputs, options);
      return options.relu ? { ...outputs, y: map(outputs.y, (value) => Math.max(value, 0)) } : outputs;
    },
    backward(inputs, outputs, dy, options) {
      if (!options.relu) return reference.backward!(inputs, outputs, dy, options);
      const stopped = map(dy, (value, i) => (outputs.y.data[i] <= 0 ? 0 : value));
      return reference.backward!(inputs, outputs, stopped, options);
    },
  };
}

function readingMasked(launch: Launch): Launch {
  const bindings = Object.keys(launch.shader.bindings).filter((name) => (launch.bind[name] ?? name) === 'dy');
  return { ...launch, bind: { ...launch.bind, ...Object.fromEntries(bindings.map((name) => [name, MASKED])) } };
}
