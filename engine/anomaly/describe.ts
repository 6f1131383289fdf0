// What an AnomalyError says.
import type { TensorSpec } from '../../kernels/definition.ts';
import type { AnomalyDetails } from '../../kernels/errors.ts';
import { show } from '../../kernels/rank.ts';
import type { AnyModule } from '../nn/module.ts';

interface Where {
  readonly operation: string;
  readonly phase: AnomalyDetails['phase'];
  readonly layer: string | null;
  readonly model: AnyModule | undefined;
}

interface Finding {
  readonly name: string;
  readonly operand: TensorSpec;
  readonly tensor: string | undefined;
  /** Physical. */
  readonly index: number;
  readonly value: number;
}

/** Message and details, from the first bad output and the first bad input of the operation. */
export function describe(
  { operation, phase, layer, model }: Where,
  bad: Finding,
  culprit: Finding | undefined,
): [string, AnomalyDetails] {
  const index = logicalIndex(bad.operand, bad.index);
  const type = layer === null ? undefined : model?.getSubmodule(layer).constructor.name;
  const where = type === undefined ? 'outside of all named layers' : `in ${layer || 'the model itself'} (${type})`;
  const input = culprit && (culprit.tensor ?? culprit.name);
  const cause = culprit
    ? `Its input ${culprit.name}${culprit.tensor ? ` (${culprit.tensor})` : ''} ${show(culprit.operand.shape)} already held ${culprit.value} at ${show(logicalIndex(culprit.operand, culprit.index))}`
    : 'All its inputs were finite';
  const output = `${bad.name}${bad.tensor ? ` (${bad.tensor})` : ''}`;
  return [
    `${operation} ${where}, ${phase}: its output ${output} of shape ${show(bad.operand.shape)} holds ${bad.value}, first at ${show(index)}. ${cause}`,
    {
      ...{ operation, phase, layer, layerType: type, output: bad.name, shape: [...bad.operand.shape] },
      ...{ index, value: bad.value, badInput: input },
    },
  ];
}

function logicalIndex({ shape, order }: TensorSpec, physical: number): number[] {
  const index = new Array<number>(shape.length).fill(0);
  let rest = physical;
  for (const dimension of [...order].reverse()) {
    index[dimension] = rest % shape[dimension];
    rest = Math.floor(rest / shape[dimension]);
  }
  return index;
}
