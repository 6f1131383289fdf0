// A model's layers, output shapes and sizes as a table, in the format of the torchsummary package.
// https://github.com/sksq96/pytorch-summary
import { type Shape, sizeOf, spec } from '../../kernels/definition.ts';
import { shapeTensor } from '../shapeTensor.ts';
import { Tensor } from '../tensor.ts';
import type { AnyModule } from './module.ts';
import { Parameter } from './parameter.ts';
import { Sequential } from './sequential.ts';
import { shapeRun } from './shapeRun.ts';

interface Row {
  readonly name: string;
  readonly outputShape: Shape;
  readonly parameters: number;
  readonly trainable: number;
}

/**
 * One row for each module that ran, in the order they finished; the model itself and Sequentials are left out. Only
 * shapes run through the model, in inference mode: it needs no device and no memory, and nothing in it changes.
 * @param inputShape of one image, without the batch: `[1, 28, 28]`; the batch is printed as -1
 * @throws ShapeError where a layer cannot take what the one before it gives
 */
export function summary(model: AnyModule, inputShape: Shape): string {
  const rows = rowsOf(model, inputShape);
  const parameters = sum(rows, (row) => row.parameters);
  const trainable = sum(rows, (row) => row.trainable);
  const inputBytes = sizeOf(inputShape) * 4;
  // forward and backward: twice
  const outputBytes = sum(rows, (row) => Math.abs(sizeOf(row.outputShape))) * 8;
  const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(2);
  return [
    '-'.repeat(64),
    line('Layer (type)', 'Output Shape', 'Param #'),
    '='.repeat(64),
    ...rows.map(({ name, outputShape, parameters: own }, i) =>
      line(`${name}-${i + 1}`, `[${outputShape.join(', ')}]`, grouped(own)),
    ),
    '='.repeat(64),
    `Total params: ${grouped(parameters)}`,
    `Trainable params: ${grouped(trainable)}`,
    `Non-trainable params: ${grouped(parameters - trainable)}`,
    '-'.repeat(64),
    `Input size (MB): ${megabytes(inputBytes)}`,
    `Forward/backward pass size (MB): ${megabytes(outputBytes)}`,
    `Params size (MB): ${megabytes(parameters * 4)}`,
    `Estimated Total Size (MB): ${megabytes(inputBytes + outputBytes + parameters * 4)}`,
    '-'.repeat(64),
  ].join('\n');
}

function rowsOf(model: AnyModule, inputShape: Shape): Row[] {
  const rows: Row[] = [];
  shapeRun(model, shapeTensor(spec([1, ...inputShape])), {
    after: (name, module, output) => {
      if (name && !(module instanceof Sequential)) rows.push(rowOf(module, output));
    },
  });
  return rows;
}

function rowOf(module: AnyModule, output: unknown): Row {
  const tensor =
    output instanceof Tensor ? output : Object.values(output as object).find((value) => value instanceof Tensor);
  const own = Object.values(module).filter((value) => value instanceof Parameter);
  return {
    name: module.constructor.name,
    outputShape: [-1, ...(tensor?.shape.slice(1) ?? [])],
    parameters: sum(own, ({ size }) => size),
    trainable: sum(own, ({ size, requiresGrad }) => (requiresGrad ? size : 0)),
  };
}

function line(layer: string, shape: string, parameters: string): string {
  return `${layer.padStart(20)}  ${shape.padStart(25)} ${parameters.padStart(15)}`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
