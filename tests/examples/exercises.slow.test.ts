// The chapter's exercises that train, in their --quick form, on the real files in WGRAD_DATA.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolders } from '../datasets/temporaryFolders.ts';
import { runExample } from './runExample.ts';

const { make, removeAll } = temporaryFolders();
test.after(removeAll);
const out = make();

dataTest('exercise 3: three models fine-tuned from random values, one from the weights that are here', async () => {
  const stdout = await output('exercise3-finetune');
  assert.match(stdout, '(--quick: vgg13 with random values instead of vgg13-19584684.pth)');
  const rows = [...stdout.matchAll(/^(\S+) +([\d,]+) +([\d,]+) +([\d.]+) % +([\d.]+) %$/gm)].map(([, ...row]) => row);
  assert.equal(
    rows.map(([name, parameters, trained]) => [name, parameters, trained]),
    [
      ['vgg13', '128,991,818', '40,970'],
      ['googlenet', '5,610,154', '10,250'],
      ['resnet18', '11,181,642', '5,130'],
      ['squeezenet1_1', '727,626', '5,130'],
    ],
  );
  const [, , , , after] = rows[3];
  assert.ok(Number(after) >= 20, `ImageNet's features are worth something: ${stdout}`);
});

dataTest('exercise 4: the loss falls, and curves and confusion matrix are written', async () => {
  const stdout = await output('exercise4-inception-resnet');
  assert.match(stdout, /\n189194 parameters\n/);
  const losses = [...stdout.matchAll(/^epoch \d\/2: loss ([\d.]+), /gm)].map(([, loss]) => Number(loss));
  assert.is(losses.length, 2);
  assert.ok(losses[1] < losses[0], stdout);
  const [, accuracy] = /Accuracy of the network on the 500 test images: ([\d.]+) %/.exec(stdout) ?? [];
  assert.ok(Number(accuracy) >= 20, stdout);
  for (const name of ['curves', 'confusion']) {
    assert.match(readFileSync(join(out, `exercise4-${name}.svg`), 'utf8'), /^<svg /);
  }
});

dataTest('exercise 5: widened kernels change no answer, and are trained like the others', async () => {
  const stdout = await output('exercise5-googlenet-branch');
  assert.match(stdout, 'third branches: 3x3 3x3 3x3 3x3 3x3 3x3 3x3 3x3 3x3\n');
  assert.match(stdout, '9 kernels widened; third branches: 5x5 5x5 5x5 5x5 5x5 5x5 5x5 5x5 5x5\n');
  const [, difference] = /its answers differ by at most (\S+)/.exec(stdout) ?? [];
  assert.ok(Number(difference) < 1e-5, stdout);
  assert.match(stdout, /\n3x3: 5,610,154 parameters, .* before, .* after/);
  assert.match(stdout, /\n5x5: 5,991,082 parameters, .* before, .* after/);
});

dataTest("ResNet-20 to CIFAR-100's superclasses: pretrained layers are ahead of random ones", async () => {
  const stdout = await output('cifar100-superclasses');
  const after = (way: string) => Number(new RegExp(`^${way} .* ([\\d.]+) % +\\d+$`, 'm').exec(stdout)?.[1]);
  assert.match(stdout, '200 training images, 200 test images, 20 classes\n\n');
  assert.ok(after('all layers trained') > after('from scratch'), stdout);
});

test.run();

function dataTest(name: string, run: () => Promise<void>): void {
  if (process.env.WGRAD_DATA) test(name, run);
  else test.skip(`${name} (WGRAD_DATA is unset)`, () => {});
}

async function output(program: string): Promise<string> {
  const { code, stdout, stderr } = await runExample(program, ['--quick', '--out', out]);
  assert.is(code, 0, stderr);
  return stdout;
}
