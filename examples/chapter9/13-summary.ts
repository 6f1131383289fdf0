// 9.7.1: the shape after each layer of AlexNet and its numbers of parameters.
import { summary } from 'wgrad/nn';
import { programArguments } from './arguments.ts';
import { pretrained } from './pretrained.ts';

const alexnet = await pretrained('alexnet', programArguments(), { orRandom: true });
console.log(summary(alexnet, [3, 224, 224]));
