// 9.1: CIFAR-100, whose images have a class and a superclass.
import { CIFAR100_SUPERCLASSES } from 'wgrad/datasets';
import { loadCifar100 } from 'wgrad/datasets/node';
import { programArguments } from './arguments.ts';

const { data } = programArguments();
const cifar100 = await loadCifar100(data, { train: false, download: true });
console.log(`${cifar100.count} test images of ${cifar100.classes.length} classes\n`);

console.log(`${'Superclass'.padEnd(32)}Classes`);
for (const [superclass, classes] of Object.entries(CIFAR100_SUPERCLASSES)) {
  console.log(`${spoken(superclass).padEnd(32)}${classes.map(spoken).join(', ')}`);
}

console.log('\nEach image comes with a fine and a coarse label:');
for (const i of [0, 1, 2, 3]) {
  const fine = cifar100.fineClasses[cifar100.fineLabels[i]];
  const coarse = cifar100.coarseClasses[cifar100.coarseLabels[i]];
  console.log(`image ${i}: ${spoken(fine)} (${spoken(coarse)})`);
}

function spoken(name: string): string {
  return name.replaceAll('_', ' ');
}
