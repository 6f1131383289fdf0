// Every room of the house. Tests, benches and the kernel laboratory iterate over this; the engine does not need it.

import { accumulate } from './accumulate/accumulate.ts';
import { cases as accumulateCases } from './accumulate/cases.ts';
import { reference as accumulateReference } from './accumulate/reference.ts';
import { adam } from './adam/adam.ts';
import { cases as adamCases } from './adam/cases.ts';
import { reference as adamReference } from './adam/reference.ts';
import { adaptiveAvgPool2d } from './adaptiveAvgPool2d/adaptiveAvgPool2d.ts';
import { cases as adaptiveAvgPool2dCases } from './adaptiveAvgPool2d/cases.ts';
import { reference as adaptiveAvgPool2dReference } from './adaptiveAvgPool2d/reference.ts';
import { add } from './add/add.ts';
import { cases as addCases } from './add/cases.ts';
import { reference as addReference } from './add/reference.ts';
import { affine } from './affine/affine.ts';
import { cases as affineCases } from './affine/cases.ts';
import { reference as affineReference } from './affine/reference.ts';
import { amax } from './amax/amax.ts';
import { cases as amaxCases } from './amax/cases.ts';
import { reference as amaxReference } from './amax/reference.ts';
import { argmax } from './argmax/argmax.ts';
import { cases as argmaxCases } from './argmax/cases.ts';
import { reference as argmaxReference } from './argmax/reference.ts';
import { augmentBlend } from './augmentBlend/augmentBlend.ts';
import { cases as augmentBlendCases } from './augmentBlend/cases.ts';
import { reference as augmentBlendReference } from './augmentBlend/reference.ts';
import { augmentGather } from './augmentGather/augmentGather.ts';
import { cases as augmentGatherCases } from './augmentGather/cases.ts';
import { reference as augmentGatherReference } from './augmentGather/reference.ts';
import { augmentNormalize } from './augmentNormalize/augmentNormalize.ts';
import { cases as augmentNormalizeCases } from './augmentNormalize/cases.ts';
import { reference as augmentNormalizeReference } from './augmentNormalize/reference.ts';
import { augmentResize } from './augmentResize/augmentResize.ts';
import { cases as augmentResizeCases } from './augmentResize/cases.ts';
import { reference as augmentResizeReference } from './augmentResize/reference.ts';
import { avgPool2d } from './avgPool2d/avgPool2d.ts';
import { cases as avgPool2dCases } from './avgPool2d/cases.ts';
import { reference as avgPool2dReference } from './avgPool2d/reference.ts';
import { batchNorm2d } from './batchNorm2d/batchNorm2d.ts';
import { cases as batchNorm2dCases } from './batchNorm2d/cases.ts';
import { reference as batchNorm2dReference } from './batchNorm2d/reference.ts';
import { cases as castCases } from './cast/cases.ts';
import { cast } from './cast/cast.ts';
import { reference as castReference } from './cast/reference.ts';
import { cases as catCases } from './cat/cases.ts';
import { cat } from './cat/cat.ts';
import { reference as catReference } from './cat/reference.ts';
import { cases as clipToNormCases } from './clipToNorm/cases.ts';
import { clipToNorm } from './clipToNorm/clipToNorm.ts';
import { reference as clipToNormReference } from './clipToNorm/reference.ts';
import { cases as clipToValueCases } from './clipToValue/cases.ts';
import { clipToValue } from './clipToValue/clipToValue.ts';
import { reference as clipToValueReference } from './clipToValue/reference.ts';
import { cases as conv2dCases } from './conv2d/cases.ts';
import { conv2d } from './conv2d/conv2d.ts';
import { reference as conv2dReference } from './conv2d/reference.ts';
import { cases as crossEntropyCases } from './crossEntropy/cases.ts';
import { crossEntropy } from './crossEntropy/crossEntropy.ts';
import { reference as crossEntropyReference } from './crossEntropy/reference.ts';
import type { Operation } from './definition.ts';
import { cases as divCases } from './div/cases.ts';
import { div } from './div/div.ts';
import { reference as divReference } from './div/reference.ts';
import { cases as dropoutCases } from './dropout/cases.ts';
import { dropout } from './dropout/dropout.ts';
import { reference as dropoutReference } from './dropout/reference.ts';
import { cases as fillCases } from './fill/cases.ts';
import { fill } from './fill/fill.ts';
import { reference as fillReference } from './fill/reference.ts';
import { cases as geluCases } from './gelu/cases.ts';
import { gelu } from './gelu/gelu.ts';
import { reference as geluReference } from './gelu/reference.ts';
import { cases as gradientNormCases } from './gradientNorm/cases.ts';
import { gradientNorm } from './gradientNorm/gradientNorm.ts';
import { reference as gradientNormReference } from './gradientNorm/reference.ts';
import { cases as leakyReluCases } from './leakyRelu/cases.ts';
import { leakyRelu } from './leakyRelu/leakyRelu.ts';
import { reference as leakyReluReference } from './leakyRelu/reference.ts';
import { cases as linearCases } from './linear/cases.ts';
import { linear } from './linear/linear.ts';
import { reference as linearReference } from './linear/reference.ts';
import { cases as localResponseNormCases } from './localResponseNorm/cases.ts';
import { localResponseNorm } from './localResponseNorm/localResponseNorm.ts';
import { reference as localResponseNormReference } from './localResponseNorm/reference.ts';
import { cases as logSoftmaxCases } from './logSoftmax/cases.ts';
import { logSoftmax } from './logSoftmax/logSoftmax.ts';
import { reference as logSoftmaxReference } from './logSoftmax/reference.ts';
import { cases as matmulCases } from './matmul/cases.ts';
import { matmul } from './matmul/matmul.ts';
import { reference as matmulReference } from './matmul/reference.ts';
import { cases as maxCases } from './max/cases.ts';
import { max } from './max/max.ts';
import { reference as maxReference } from './max/reference.ts';
import { cases as maxPool2dCases } from './maxPool2d/cases.ts';
import { maxPool2d } from './maxPool2d/maxPool2d.ts';
import { reference as maxPool2dReference } from './maxPool2d/reference.ts';
import { cases as meanCases } from './mean/cases.ts';
import { mean } from './mean/mean.ts';
import { reference as meanReference } from './mean/reference.ts';
import { cases as mulCases } from './mul/cases.ts';
import { mul } from './mul/mul.ts';
import { reference as mulReference } from './mul/reference.ts';
import { cases as normalFillCases } from './normalFill/cases.ts';
import { normalFill } from './normalFill/normalFill.ts';
import { reference as normalFillReference } from './normalFill/reference.ts';
import { cases as padCases } from './pad/cases.ts';
import { pad } from './pad/pad.ts';
import { reference as padReference } from './pad/reference.ts';
import type { Cases, Reference } from './reference.ts';
import { cases as reluCases } from './relu/cases.ts';
import { reference as reluReference } from './relu/reference.ts';
import { relu } from './relu/relu.ts';
import { cases as reorderCases } from './reorder/cases.ts';
import { reference as reorderReference } from './reorder/reference.ts';
import { reorder } from './reorder/reorder.ts';
import { cases as resizeNormalizeCases } from './resizeNormalize/cases.ts';
import { reference as resizeNormalizeReference } from './resizeNormalize/reference.ts';
import { resizeNormalize } from './resizeNormalize/resizeNormalize.ts';
import { cases as rmspropCases } from './rmsprop/cases.ts';
import { reference as rmspropReference } from './rmsprop/reference.ts';
import { rmsprop } from './rmsprop/rmsprop.ts';
import { cases as sgdCases } from './sgd/cases.ts';
import { reference as sgdReference } from './sgd/reference.ts';
import { sgd } from './sgd/sgd.ts';
import { cases as sigmoidCases } from './sigmoid/cases.ts';
import { reference as sigmoidReference } from './sigmoid/reference.ts';
import { sigmoid } from './sigmoid/sigmoid.ts';
import { cases as siluCases } from './silu/cases.ts';
import { reference as siluReference } from './silu/reference.ts';
import { silu } from './silu/silu.ts';
import { cases as softmaxCases } from './softmax/cases.ts';
import { reference as softmaxReference } from './softmax/reference.ts';
import { softmax } from './softmax/softmax.ts';
import { cases as subCases } from './sub/cases.ts';
import { reference as subReference } from './sub/reference.ts';
import { sub } from './sub/sub.ts';
import { cases as sumCases } from './sum/cases.ts';
import { reference as sumReference } from './sum/reference.ts';
import { sum } from './sum/sum.ts';
import { cases as tanhCases } from './tanh/cases.ts';
import { reference as tanhReference } from './tanh/reference.ts';
import { tanh } from './tanh/tanh.ts';
import { cases as uniformFillCases } from './uniformFill/cases.ts';
import { reference as uniformFillReference } from './uniformFill/reference.ts';
import { uniformFill } from './uniformFill/uniformFill.ts';
import { cases as unscaleCases } from './unscale/cases.ts';
import { reference as unscaleReference } from './unscale/reference.ts';
import { unscale } from './unscale/unscale.ts';

export interface Room<Options = unknown> {
  readonly operation: Operation<Options>;
  readonly reference: Reference<Options>;
  readonly cases: Cases<Options>;
}

export const registry: readonly Room[] = [
  room({ operation: conv2d, reference: conv2dReference, cases: conv2dCases }),
  room({ operation: matmul, reference: matmulReference, cases: matmulCases }),
  room({ operation: linear, reference: linearReference, cases: linearCases }),
  room({ operation: maxPool2d, reference: maxPool2dReference, cases: maxPool2dCases }),
  room({ operation: avgPool2d, reference: avgPool2dReference, cases: avgPool2dCases }),
  room({ operation: adaptiveAvgPool2d, reference: adaptiveAvgPool2dReference, cases: adaptiveAvgPool2dCases }),
  room({ operation: relu, reference: reluReference, cases: reluCases }),
  room({ operation: leakyRelu, reference: leakyReluReference, cases: leakyReluCases }),
  room({ operation: sigmoid, reference: sigmoidReference, cases: sigmoidCases }),
  room({ operation: tanh, reference: tanhReference, cases: tanhCases }),
  room({ operation: gelu, reference: geluReference, cases: geluCases }),
  room({ operation: silu, reference: siluReference, cases: siluCases }),
  room({ operation: affine, reference: affineReference, cases: affineCases }),
  room({ operation: cast, reference: castReference, cases: castCases }),
  room({ operation: reorder, reference: reorderReference, cases: reorderCases }),
  room({ operation: accumulate, reference: accumulateReference, cases: accumulateCases }),
  room({ operation: fill, reference: fillReference, cases: fillCases }),
  room({ operation: sum, reference: sumReference, cases: sumCases }),
  room({ operation: mean, reference: meanReference, cases: meanCases }),
  room({ operation: max, reference: maxReference, cases: maxCases }),
  room({ operation: amax, reference: amaxReference, cases: amaxCases }),
  room({ operation: argmax, reference: argmaxReference, cases: argmaxCases }),
  room({ operation: batchNorm2d, reference: batchNorm2dReference, cases: batchNorm2dCases }),
  room({ operation: softmax, reference: softmaxReference, cases: softmaxCases }),
  room({ operation: logSoftmax, reference: logSoftmaxReference, cases: logSoftmaxCases }),
  room({ operation: crossEntropy, reference: crossEntropyReference, cases: crossEntropyCases }),
  room({ operation: add, reference: addReference, cases: addCases }),
  room({ operation: sub, reference: subReference, cases: subCases }),
  room({ operation: mul, reference: mulReference, cases: mulCases }),
  room({ operation: div, reference: divReference, cases: divCases }),
  room({ operation: sgd, reference: sgdReference, cases: sgdCases }),
  room({ operation: adam, reference: adamReference, cases: adamCases }),
  room({ operation: rmsprop, reference: rmspropReference, cases: rmspropCases }),
  room({ operation: gradientNorm, reference: gradientNormReference, cases: gradientNormCases }),
  room({ operation: clipToNorm, reference: clipToNormReference, cases: clipToNormCases }),
  room({ operation: clipToValue, reference: clipToValueReference, cases: clipToValueCases }),
  room({ operation: unscale, reference: unscaleReference, cases: unscaleCases }),
  room({ operation: localResponseNorm, reference: localResponseNormReference, cases: localResponseNormCases }),
  room({ operation: cat, reference: catReference, cases: catCases }),
  room({ operation: dropout, reference: dropoutReference, cases: dropoutCases }),
  room({ operation: uniformFill, reference: uniformFillReference, cases: uniformFillCases }),
  room({ operation: normalFill, reference: normalFillReference, cases: normalFillCases }),
  room({ operation: pad, reference: padReference, cases: padCases }),
  room({ operation: resizeNormalize, reference: resizeNormalizeReference, cases: resizeNormalizeCases }),
  room({ operation: augmentGather, reference: augmentGatherReference, cases: augmentGatherCases }),
  room({ operation: augmentResize, reference: augmentResizeReference, cases: augmentResizeCases }),
  room({ operation: augmentBlend, reference: augmentBlendReference, cases: augmentBlendCases }),
  room({ operation: augmentNormalize, reference: augmentNormalizeReference, cases: augmentNormalizeCases }),
];

/** Checks that the three parts of a room speak of the same options, then forgets which. */
function room<Options>(parts: Room<Options>): Room {
  return parts as unknown as Room;
}
