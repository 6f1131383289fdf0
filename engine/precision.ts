// Which results are stored as float16. Kernels compute in float32 whatever their tensors hold (kernels/halfStorage.ts).
import type { DType, Operation, Specs } from '../kernels/definition.ts';

export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float16';
}

/** The inferred outputs, with `y` in the dtype it gets from the inputs or from autocast. Integers stay what they are. */
export function withResultDType<Options>(
  operation: Operation<Options>,
  inputs: Specs,
  outputs: Specs,
  isAutocast: boolean,
): Specs {
  const { y } = outputs;
  if (!y || !isFloat(y.dtype) || operation.result === 'inferred') return outputs;
  const dtype = resultDType(operation, inputs, isAutocast);
  return dtype === y.dtype ? outputs : { ...outputs, y: { ...y, dtype } };
}

function resultDType<Options>(
  { inputs: [first], autocast, result }: Operation<Options>,
  inputs: Specs,
  isAutocast: boolean,
): DType {
  if (isAutocast && autocast) return autocast;
  const deciding =
    result === 'promoted' ? Object.values(inputs) : [first && (inputs[first.name] ?? inputs[`${first.name}0`])];
  return deciding.every((input) => input?.dtype === 'float16') ? 'float16' : 'float32';
}
