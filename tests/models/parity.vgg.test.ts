// The VGG networks equal PyTorch's; their 130 million weights take most of the time.
import { suite } from 'uvu';
import { createDevice } from '../../engine/node/createDevice.ts';
import { testParity } from './parity.ts';

const test = suite('parity of VGG');
testParity(test, await createDevice(), ['vgg11', 'vgg16', 'vgg16_a', 'vgg19_bn']);
test.run();
