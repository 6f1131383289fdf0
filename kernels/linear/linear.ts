// y = x weight' + bias for x [..., in] and weight [out, in]: a strided product over the rows of x.
import { type Problem, sizeOf, spec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { coreVariants } from '../gemm/gemm.ts';
import { type Matrix, stridedProduct, stridedShaders, transposed } from '../gemm/strided.ts';
import { rank2, show } from '../rank.ts';
import { type ReluOption, withRelu } from '../withRelu.ts';

export type LinearOptions = ReluOption;

export const linear = withRelu<LinearOptions>({
  name: 'linear',
  autocast: 'float16',
  inputs: [
    { name: 'x', layout: 'rowMajor' },
    { name: 'weight', layout: 'linearWeight' },
    { name: 'bias', layout: 'rowMajor', optional: true },
  ],
  variants: coreVariants,
  shaders: stridedShaders,

  infer({ x, weight, bias }) {
    const [outFeatures, inFeatures] = rank2('linear', 'weight', weight);
    const given = `(x: ${show(x.shape)}, weight: ${show(weight.shape)}${bias ? `, bias: ${show(bias.shape)}` : ''})`;
    if (x.shape.at(-1) !== inFeatures) {
      throw new ShapeError(`linear: weight expects ${inFeatures} input features but x has ${x.shape.at(-1)} ${given}`);
    }
    if (bias && show(bias.shape) !== `[${outFeatures}]`)
      throw new ShapeError(`linear: bias must have shape [${outFeatures}] ${given}`);
    return { y: spec([...x.shape.slice(0, -1), outFeatures], 'float32', 'rowMajor') };
  },

  forward(problem) {
    const { m, n, k, x, weight, y } = matrices(problem);
    const { inputs, options, device, variant } = problem;
    const product = { m, n, k, a: x, b: weight, c: y, bias: inputs.bias && 'bias', relu: options.relu };
    return { launches: [stridedProduct(device, product, variant)] };
  },

  saved: (wanted) => [...(wanted.has('x') ? ['weight'] : []), ...(wanted.has('weight') ? ['x'] : [])],

  backward(problem, wanted) {
    const { m, n, k, x, weight, y } = matrices(problem);
    const dy = { ...y, tensor: 'dy' };
    const launches = [];
    if (wanted.has('x')) {
      const product = { m, n: k, k: n, a: dy, b: transposed(weight), c: { ...x, tensor: 'dx' } };
      launches.push(stridedProduct(problem.device, product, problem.variant));
    }
    if (wanted.has('weight')) {
      const product = { m: k, n, k: m, a: transposed(x), b: dy, c: { ...weight, tensor: 'dweight' } };
      launches.push(stridedProduct(problem.device, product, problem.variant));
    }
    if (wanted.has('bias')) {
      const product = { m: 1, n, k: m, a: dy, b: dy, c: { tensor: 'dbias', row: n, column: 1 }, ones: true };
      launches.push(stridedProduct(problem.device, product, problem.variant));
    }
    return { launches };
  },
});

function matrices({
  inputs: { x, weight },
}: Problem<LinearOptions>): Record<'m' | 'n' | 'k', number> & Record<'x' | 'weight' | 'y', Matrix> {
  const [n, k] = weight.shape;
  return {
    m: sizeOf(x.shape.slice(0, -1)),
    n,
    k,
    x: { tensor: 'x', row: k, column: 1 },
    weight: { tensor: 'weight', row: n, column: 1 }, // lies as [in, out]
    y: { tensor: 'y', row: n, column: 1 },
  };
}
