// 9.7.3: all of AlexNet but its new last layer is frozen.
import { Linear, print, type Sequential } from 'wgrad/nn';
import { programArguments } from './arguments.ts';
import { pretrained } from './pretrained.ts';

const alexnet = await pretrained('alexnet', programArguments(), { orRandom: true });
(alexnet.getSubmodule('classifier') as Sequential)[6] = new Linear(4096, 10);

for (const [name, module] of alexnet.namedChildren()) {
  console.log(name);
  for (const [layerName, layer] of module.namedChildren()) {
    if (name === 'classifier' && layerName === '6') {
      for (const param of layer.parameters()) param.requiresGrad = true;
      console.log(`${name} ${layerName} ${print(layer)} was NOT frozen!`);
    } else {
      for (const param of layer.parameters()) param.requiresGrad = false;
      console.log(`${name} ${layerName} ${print(layer)} was frozen!`);
    }
  }
}
