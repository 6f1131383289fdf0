// The models of `wgrad bench models` and `wgrad bench memory`.
import type { ModelStep, Workload } from './workload.ts';

/** Warm rows, and for each a cold one. @param isQuick smaller batches and images */
export function modelWorkloads(isQuick: boolean): Workload[] {
  const side = isQuick ? 64 : 224;
  const batch = isQuick ? 1 : 2;
  const warm: Workload[] = [
    ...stepWorkloads(isQuick),
    {
      kind: 'forward',
      id: 'resnet18-forward',
      title: `ResNet-18 forward b${batch} ${side}²`,
      ...{ model: 'resnet18', batch, size: side },
    },
    {
      kind: 'forward',
      id: 'alexnet-forward',
      title: 'AlexNet forward b1 224²',
      ...{ model: 'alexnet', batch: 1, size: 224 },
    },
  ];
  // AlexNet's linear layers allow one size only
  const chosen = isQuick ? warm.filter(({ id }) => id !== 'alexnet-forward') : warm;
  return [
    ...chosen,
    ...chosen.map((row) => ({ ...row, id: `${row.id}-cold`, title: `${row.title}, cold first`, isCold: true })),
  ];
}

/** The training steps: timed, and watched for memory. */
export function stepWorkloads(isQuick: boolean): ModelStep[] {
  const lenet = isQuick ? 8 : 64;
  return [
    {
      kind: 'step',
      id: 'lenet5-step',
      title: `LeNet-5 step b${lenet}`,
      ...{ model: 'lenet5', batch: lenet, size: 28, learningRate: 0.1 },
    },
    {
      kind: 'step',
      id: 'resnet18-step',
      // as small in quick runs: where batch norm sees fewer values, one ReLU that rounding flips moves a gradient by 20 %
      title: 'ResNet-18 step b8 32²',
      ...{ model: 'resnet18', batch: 8, size: 32, learningRate: 0.01 },
    },
  ];
}
