// 9.7.3: the modules of pretrained AlexNet, its children, the layers of its classifier and their parameters.
import { print } from 'wgrad/nn';
import { createDevice } from 'wgrad/node';
import { programArguments } from './arguments.ts';
import { pretrained } from './pretrained.ts';

const alexnet = await pretrained('alexnet', programArguments(), { orRandom: true });

// print all modules
for (const [name, module] of alexnet.namedModules()) console.log(name, print(module));

// print the modules at children level
console.log('\n# children');
for (const [name, module] of alexnet.namedChildren()) console.log(name, print(module));

// the layers for classification
console.log('\n# classifier');
for (const [name, module] of alexnet.namedChildren()) {
  if (name === 'classifier') for (const layer of module.children()) console.log(print(layer));
}

// their parameters: only the first values of each, as there are 58 million
console.log('\n# parameters');
alexnet.to(await createDevice());
for (const [name, module] of alexnet.namedChildren()) {
  if (name !== 'classifier') continue;
  for (const layer of module.children()) {
    console.log(print(layer));
    for (const param of layer.parameters()) {
      const values = [...(await param.data()).subarray(0, 4)];
      console.log(`  [${param.shape.join(', ')}] ${values.map((value) => value.toFixed(4)).join(' ')} …`);
    }
  }
}
