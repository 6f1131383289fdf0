// 9.7.1: instantiate a pretrained AlexNet and print its layers.
import { print } from 'wgrad/nn';
import { programArguments } from './arguments.ts';
import { pretrained } from './pretrained.ts';

// alexnet = models.alexnet(pretrained=True)
const alexnet = await pretrained('alexnet', programArguments(), { orRandom: true });

console.log(print(alexnet)); // the architecture of AlexNet
