// 9.7.1: what there is in the package of models.
import * as models from 'wgrad/models';
import { programArguments } from './arguments.ts';

programArguments();

// classes, such as AlexNet, and functions: what dir(models) displays
console.log(Object.keys(models).sort());

// names that createModel makes a model of, as torchvision's functions of the same names do: resnet18 and resnet34 are
// instances of one class with other numbers of layers
console.log(models.listModels().sort().join('\n'));
