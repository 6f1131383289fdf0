// Multiply-accumulates of every model for one image of its own size, in units of 10^9.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { layers, totals } from '../../engine/nn/index.ts';
import { createModel, modelEntries } from '../../models/index.ts';

/**
 * torchvision's `GFLOPS` of its weights' metadata (which are multiply-accumulates), three decimals. The chapter's own
 * models, MobileNetV1 (its paper: 569, 325, 149 and 41 million) and the small ones: by hand or by their papers.
 */
const GMACS: Readonly<Record<string, number>> = {
  lenet5: 0.000417, // 0.1176 + 0.24 M in convolutions, 0.0589 M in linear layers
  lenet5_c5: 0.000417,
  mnist_convnet: 0.002757,
  alexnet: 0.714,
  alexnet_chapter: 1.135,
  vgg11: 7.609,
  vgg11_bn: 7.609,
  vgg13: 11.308,
  vgg13_bn: 11.308,
  vgg16_a: 11.771,
  vgg16_a_bn: 11.771,
  vgg16: 15.47,
  vgg16_bn: 15.47,
  vgg19: 19.632,
  vgg19_bn: 19.632,
  nin: 0.966,
  googlenet: 1.498,
  googlenet_paper: 1.583,
  resnet18: 1.814,
  resnet34: 3.664,
  resnet50: 4.089,
  resnet101: 7.801,
  resnet152: 11.514,
  resnet20: 0.0406,
  resnet32: 0.0689,
  resnet44: 0.0972,
  resnet56: 0.1255,
  resnet110: 0.2529,
  inception_resnet_small: 0.0078,
  squeezenet1_0: 0.819,
  squeezenet1_1: 0.349,
  mobilenet_v1: 0.569,
  mobilenet_v1_075: 0.325,
  mobilenet_v1_050: 0.149,
  mobilenet_v1_025: 0.041,
};

const test = suite('multiply-accumulates');

for (const { name, inputShape, create } of modelEntries()) {
  test(`${name}: ${GMACS[name]} G`, () => {
    const { macs } = totals(layers(create(), inputShape));
    const decimals = String(GMACS[name]).split('.')[1].length;
    assert.is((macs / 1e9).toFixed(decimals), GMACS[name].toFixed(decimals));
  });
}

test('they grow with the area of the image, linear layers apart', () => {
  const macs = (size: number) => totals(layers(createModel('resnet18'), [3, size, size])).macs - 512 * 1000;
  assert.is(macs(448), 4 * macs(224));
});

test('LeNet-5, by hand', () => {
  const { macs } = totals(layers(createModel('lenet5'), [1, 28, 28]));
  assert.is(macs, 28 * 28 * 6 * 25 + 10 * 10 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10);
});

test.run();
