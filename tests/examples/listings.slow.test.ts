// The chapter's listings that compute for long: VGG16's forward pass, and fine-tuning.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runExample } from './runExample.ts';

test("9.3: VGG16's forward pass gives a row of 1000 values", async () => {
  const { code, stdout, stderr } = await runExample('09-vgg16');
  assert.is(code, 0, stderr);
  assert.match(stdout, /\n\ntorch\.Size\(\[1, 1000\]\)\n$/);
});

const fineTuning = '9.7.3: fine-tuning goes from chance to good, with the loss printed every 100 mini-batches';
if (process.env.WGRAD_DATA) {
  test(fineTuning, async () => {
    const { code, stdout, stderr } = await runExample('19-fine-tune', ['--quick']);
    assert.is(code, 0, stderr);
    const lines = stdout.trim().split('\n');
    assert.is(lines.length, 7, stdout);
    assert.match(
      lines[0],
      /^\(--quick: squeezenet1_1 with the features of lpips_squeeze\.pt and a random classifier\)$/,
    );
    const [before, after] = [lines[2], lines[6]].map((line) => {
      const [, percent] = /^Accuracy of the network on the 500 test images: (\d+) %$/.exec(line) ?? [];
      return Number(percent);
    });
    const losses = [lines[3], lines[4]].map((line, i) => {
      const [, loss] = new RegExp(`^\\[${i + 1}, {3}100\\] loss: (\\d\\.\\d{3})$`).exec(line) ?? [];
      return Number(loss);
    });
    assert.is(lines[5], 'Finished Training');
    assert.ok(before >= 2 && before <= 20, stdout);
    assert.ok(after >= 45, stdout);
    assert.ok(losses[1] < 0.7 * losses[0], stdout);
  });
} else test.skip(`${fineTuning} (WGRAD_DATA is unset)`, () => {});

test.run();
