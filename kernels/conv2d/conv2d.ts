// 2-D convolution (cross-correlation, as in PyTorch) of x [n, c, h, w] with weight [out, c/groups, kh, kw], and its
// gradients: three implicit GEMMs over channels-last images and weights packed as [kh, kw, c/groups, out].
import { spec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { coreVariants } from '../gemm/gemm.ts';
import { rank4, show } from '../rank.ts';
import { outputSize, windowOf } from '../window.ts';
import { withRelu } from '../withRelu.ts';
import { backwardInputShaders, inputGradient } from './backwardInput.ts';
import { backwardWeightShaders, parameterGradients } from './backwardWeight.ts';
import {
  depthwiseForward,
  depthwiseInputGradient,
  depthwiseParameterGradients,
  depthwiseShaders,
  isDepthwise,
} from './depthwise.ts';
import { correlation, forwardShaders } from './forward.ts';
import { type Conv2dOptions, geometry, withDefaults } from './geometry.ts';
import { shader as merge } from './merge.wgsl.ts';
import { WINOGRAD, winogradShaders } from './winograd.ts';

export type { Conv2dOptions };

export const conv2d = withRelu<Conv2dOptions>({
  name: 'conv2d',
  autocast: 'float16',
  inputs: [
    { name: 'x', layout: 'channelsLast' },
    { name: 'weight', layout: 'convWeight' },
    { name: 'bias', layout: 'rowMajor', optional: true },
  ],
  variants: [
    ...coreVariants,
    { name: WINOGRAD, idea: '3x3 of stride 1 with a quarter of the multiplications; another core for other windows' },
  ],
  shaders: [
    ...forwardShaders,
    ...backwardInputShaders,
    ...backwardWeightShaders,
    ...depthwiseShaders,
    ...winogradShaders,
    merge,
  ],

  infer({ x, weight, bias }, options) {
    const [n, channels, height, width] = rank4('conv2d', 'x', x);
    const [out, groupChannels, kernelHeight, kernelWidth] = rank4('conv2d', 'weight', weight);
    const { groups = 1 } = options;
    const given = `(x: ${show(x.shape)}, weight: ${show(weight.shape)}${groups === 1 ? '' : `, groups: ${groups}`})`;
    if (!Number.isInteger(groups) || groups < 1 || channels % groups || out % groups) {
      throw new ShapeError(`conv2d: groups must divide x's ${channels} and weight's ${out} output channels ${given}`);
    }
    // groups lie along the third dimension of the dispatch
    if (groups > 65535) throw new ShapeError(`conv2d: at most 65,535 groups, given ${groups} ${given}`);
    if (channels !== groupChannels * groups) {
      throw new ShapeError(
        `conv2d: weight expects ${groupChannels * groups} input channels but x has ${channels} ${given}`,
      );
    }
    if (bias && show(bias.shape) !== `[${out}]`)
      throw new ShapeError(`conv2d: bias must have shape [${out}], given ${show(bias.shape)} ${given}`);
    const { outHeight, outWidth } = outputSize(
      'conv2d',
      height,
      width,
      windowOf('conv2d', [kernelHeight, kernelWidth], withDefaults(options)),
    );
    return { y: spec([n, out, outHeight, outWidth]) };
  },

  forward(problem) {
    if (isDepthwise(problem)) return depthwiseForward(problem);
    const { inputs, options, device, variant } = problem;
    const { images, channels, groupChannels, height, width, out, groupOut, outHeight, outWidth, groups, window } =
      geometry(problem);
    return correlation(
      { device, variant, groups },
      {
        from: { tensor: 'x', channels, groupChannels, height, width },
        weight: { tensor: 'weight', offset: 0, columns: out, groupColumns: groupOut },
        to: { tensor: 'y', images, height: outHeight, width: outWidth, channels: out },
        window,
        bias: inputs.bias && 'bias',
        relu: options.relu,
      },
    );
  },

  saved: (wanted) => [
    ...(wanted.has('x') ? ['weight'] : []),
    ...(wanted.has('weight') || wanted.has('bias') ? ['x'] : []),
  ],

  backward(problem, wanted) {
    const [toParameters, toInput] = isDepthwise(problem)
      ? [depthwiseParameterGradients, depthwiseInputGradient]
      : [parameterGradients, inputGradient];
    const plans = [
      ...(wanted.has('weight') || wanted.has('bias') ? [toParameters(problem, wanted)] : []),
      ...(wanted.has('x') ? [toInput(problem)] : []),
    ];
    return {
      scratch: Object.assign({}, ...plans.map(({ scratch }) => scratch)),
      launches: plans.flatMap(({ launches }) => launches),
    };
  },
});
