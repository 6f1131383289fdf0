// The README's programs run as printed.
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { programsOf, runProgram, userFolder } from './programs.ts';

const data = process.env.WGRAD_DATA;
const [training, classifying] = programsOf('README.md');
const { folder, remove } = userFolder();
const test = suite('README');
test.after(remove);

test("the README's first program runs as printed and its loss falls", async () => {
  const stdout = await runProgram(folder, training);
  const losses = [...stdout.matchAll(/^step \d+: loss ([\d.]+)$/gm)].map(([, loss]) => Number(loss));
  assert.ok(losses.length >= 4, stdout);
  assert.ok(losses[0] > 2 && losses.at(-1)! < 0.8 * losses[0], stdout);
});

if (data) {
  test("the README's second program classifies a photograph as PyTorch does", async () => {
    const weights = join(data, 'pretrained/mobilenetV1X0.25_pretrain.tar');
    const stdout = await runProgram(folder, classifying, ['mobilenet_v1_025', weights, join(data, 'photos/dog.jpg')]);
    assert.match(stdout, /^Samoyed 0\.774\nGreat Pyrenees 0\.063\n/);
  });
} else test.skip("the README's second program classifies a photograph (WGRAD_DATA is unset)", () => {});

test.run();
