// 9.7.3: AlexNet with a last layer for 10 classes instead of 1000.
import { Linear, print, type Sequential } from 'wgrad/nn';
import { programArguments } from './arguments.ts';
import { pretrained } from './pretrained.ts';

const alexnet = await pretrained('alexnet', programArguments(), { orRandom: true });

const classifier = alexnet.getSubmodule('classifier') as Sequential;
const { inFeatures } = classifier[6] as Linear;
const outFeatures = 10;
classifier[6] = new Linear(inFeatures, outFeatures);
console.log(print(classifier));
