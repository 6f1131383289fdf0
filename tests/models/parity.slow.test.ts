// Models equal PyTorch's at ImageNet's 224x224, where all splits of large tensors are taken.
import { suite } from 'uvu';
import { createDevice } from '../../engine/node/createDevice.ts';
import { testParity } from './parity.ts';

const test = suite('parity at 224x224');
testParity(test, await createDevice(), ['resnet50_224', 'vgg11_224']);
test.run();
