// An activation that wgrad does not have: x tanh(log(1 + exp(x))). Misra, "Mish: A Self Regularized Non-Monotonic
// Activation Function", BMVC 2020, https://arxiv.org/abs/1908.08681
import { defineOperation } from 'wgrad';
import { flatGrid, launch, sizeOf } from 'wgrad/kernels';
import backward from './mish.backward.wgsl';
import forward from './mish.forward.wgsl';

const operation = defineOperation({
  name: 'mish',
  inputs: [{ name: 'x', layout: 'any' }], // element by element: any order in memory will do
  wgsl: { forward, backward },
  infer: ({ x }) => ({ y: x }),
  forward: ({ inputs: { x } }, shaders) => [elementwise(shaders.forward, x)],
  saved: () => ['x'],
  backward: ({ inputs: { x } }, shaders) => [elementwise(shaders.backward, x)],
});

/** Of any shape; differentiable. */
export function mish(x) {
  return operation({ x }, {});
}

/** The bindings are called as the tensors are: x, y, dy, dx. */
function elementwise(shader, { shape }) {
  const elements = sizeOf(shape);
  return launch(shader, { params: { elements }, workgroups: flatGrid(elements, 64) });
}
