// What a model does with an image, operation by operation, found by running shapes through it: no GPU, no memory.
import { type Shape, sizeOf, spec } from '../../kernels/definition.ts';
import { type ShapeWatcher, shapeTensor } from '../shapeTensor.ts';
import { Tensor } from '../tensor.ts';
import type { AnyModule } from './module.ts';
import { shapeRun } from './shapeRun.ts';

/** One operation. Dropout does nothing in inference and leaves none. */
export interface TraceNode {
  /** Its place in `nodes`. */
  readonly id: number;
  /** `input`, `conv2d`, `relu`, `add`, `reshape`, …: the operation's name. */
  readonly operation: string;
  /** Dotted name of the innermost module that ran it; '' for the model itself. */
  readonly module: string;
  /** Ids of the activations it read. */
  readonly inputs: readonly number[];
  /** Shapes of the parameters and buffers it read. */
  readonly weights: readonly Shape[];
  /** Of its result, with a batch of 1. */
  readonly shape: Shape;
  readonly options: unknown;
  /** It moves nothing: its result lies where its input lies. */
  readonly isView: boolean;
  /** Multiply-accumulates of convolutions and matrix products, for one image; 0 for everything else. */
  readonly macs: number;
}

export interface Trace {
  /** In the order they ran: each after what it reads. The first is the image. */
  readonly nodes: readonly TraceNode[];
  /** Ids of what the model returned. */
  readonly outputs: readonly number[];
}

/**
 * Runs a model's shapes in inference mode and records every operation. Modes and statistics stay as they are.
 * @param inputShape of one image, without the batch: `[3, 224, 224]`
 * @throws ShapeError where a layer cannot take what the one before it gives
 */
export function trace(model: AnyModule, inputShape: Shape): Trace {
  const recorder = new Recorder();
  const output = shapeRun(model, recorder.begin([1, ...inputShape]), {
    before: (name) => recorder.enter(name),
    after: () => recorder.leave(),
  });
  return { nodes: recorder.nodes, outputs: recorder.idsOf(output) };
}

class Recorder implements ShapeWatcher {
  readonly nodes: TraceNode[] = [];
  readonly #ids = new Map<Tensor, number>();
  readonly #running: string[] = [];

  begin(shape: Shape): Tensor {
    const input = shapeTensor(spec(shape), this);
    this.saw({ operation: 'input', inputs: [], options: {}, y: input });
    return input;
  }

  enter(module: string): void {
    this.#running.push(module);
  }

  leave(): void {
    this.#running.pop();
  }

  saw({ operation, inputs, options, y, isView = false }: Parameters<ShapeWatcher['saw']>[0]): void {
    const weights = inputs.filter((tensor) => !this.#ids.has(tensor)).map(({ shape }) => shape);
    const activations = inputs.filter((tensor) => this.#ids.has(tensor));
    const id = this.nodes.length;
    this.#ids.set(y, id);
    this.nodes.push({
      id,
      operation,
      module: this.#running.at(-1) ?? '',
      inputs: activations.map((tensor) => this.#ids.get(tensor)!),
      weights,
      shape: y.shape,
      options,
      isView,
      macs: macsOf(operation, { y: y.shape, x: activations[0]?.shape, weight: weights[0] }),
    });
  }

  /** Of the tensors in a module's output. */
  idsOf(output: unknown): number[] {
    const tensors = output instanceof Tensor ? [output] : Object.values(output as object);
    return tensors.flatMap((tensor) => this.#ids.get(tensor) ?? []);
  }
}

/** @internal Multiply-accumulates of an operation: each element of `y` is a sum of that many products. */
export function macsOf(
  operation: string,
  { y, x, weight }: { y: Shape; x: Shape | undefined; weight: Shape | undefined },
): number {
  if ((operation === 'conv2d' || operation === 'linear') && weight) return sizeOf(y) * sizeOf(weight.slice(1));
  if (operation === 'matmul' && x) return sizeOf(y) * x[x.length - 1];
  return 0;
}
