// AlexNet as the chapter prints it: its text and its layers' shapes and parameters.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Linear } from '../../engine/nn/linear.ts';
import { print } from '../../engine/nn/print.ts';
import { summary } from '../../engine/nn/summary.ts';
import { AlexNet } from '../../models/index.ts';

const test = suite('alexnet');

test("print gives the chapter's text, line by line", () => {
  assert.is(
    print(new AlexNet()),
    `AlexNet(
  (features): Sequential(
    (0): Conv2d(3, 64, kernel_size=(11, 11), stride=(4, 4), padding=(2, 2))
    (1): ReLU(inplace=True)
    (2): MaxPool2d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False)
    (3): Conv2d(64, 192, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
    (4): ReLU(inplace=True)
    (5): MaxPool2d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False)
    (6): Conv2d(192, 384, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (7): ReLU(inplace=True)
    (8): Conv2d(384, 256, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (9): ReLU(inplace=True)
    (10): Conv2d(256, 256, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (11): ReLU(inplace=True)
    (12): MaxPool2d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False)
  )
  (avgpool): AdaptiveAvgPool2d(output_size=(6, 6))
  (classifier): Sequential(
    (0): Dropout(p=0.5, inplace=False)
    (1): Linear(in_features=9216, out_features=4096, bias=True)
    (2): ReLU(inplace=True)
    (3): Dropout(p=0.5, inplace=False)
    (4): Linear(in_features=4096, out_features=4096, bias=True)
    (5): ReLU(inplace=True)
    (6): Linear(in_features=4096, out_features=1000, bias=True)
  )
)`,
  );
});

test("summary gives the chapter's layers, shapes, parameters and megabytes", () => {
  const rows = summary(new AlexNet(), [3, 224, 224])
    .split('\n')
    .filter((line) => /\d/.test(line))
    .map((line) => line.trim().replace(/ {2,}/g, ' '));
  assert.equal(rows, [
    'Conv2d-1 [-1, 64, 55, 55] 23,296',
    'ReLU-2 [-1, 64, 55, 55] 0',
    'MaxPool2d-3 [-1, 64, 27, 27] 0',
    'Conv2d-4 [-1, 192, 27, 27] 307,392',
    'ReLU-5 [-1, 192, 27, 27] 0',
    'MaxPool2d-6 [-1, 192, 13, 13] 0',
    'Conv2d-7 [-1, 384, 13, 13] 663,936',
    'ReLU-8 [-1, 384, 13, 13] 0',
    'Conv2d-9 [-1, 256, 13, 13] 884,992',
    'ReLU-10 [-1, 256, 13, 13] 0',
    'Conv2d-11 [-1, 256, 13, 13] 590,080',
    'ReLU-12 [-1, 256, 13, 13] 0',
    'MaxPool2d-13 [-1, 256, 6, 6] 0',
    'AdaptiveAvgPool2d-14 [-1, 256, 6, 6] 0',
    'Dropout-15 [-1, 9216] 0',
    'Linear-16 [-1, 4096] 37,752,832',
    'ReLU-17 [-1, 4096] 0',
    'Dropout-18 [-1, 4096] 0',
    'Linear-19 [-1, 4096] 16,781,312',
    'ReLU-20 [-1, 4096] 0',
    'Linear-21 [-1, 1000] 4,097,000',
    'Total params: 61,100,840',
    'Trainable params: 61,100,840',
    'Non-trainable params: 0',
    'Input size (MB): 0.57',
    'Forward/backward pass size (MB): 8.38',
    'Params size (MB): 233.08',
    'Estimated Total Size (MB): 242.03',
  ]);
});

test("a new head by the chapter's assignment, by name or by position prints as the chapter's classifier", () => {
  const expected = `Sequential(
  (0): Dropout(p=0.5, inplace=False)
  (1): Linear(in_features=9216, out_features=4096, bias=True)
  (2): ReLU(inplace=True)
  (3): Dropout(p=0.5, inplace=False)
  (4): Linear(in_features=4096, out_features=4096, bias=True)
  (5): ReLU(inplace=True)
  (6): Linear(in_features=4096, out_features=10, bias=True)
)`;
  const ways: ((model: AlexNet, head: Linear) => void)[] = [
    ({ classifier }, head) => {
      classifier[6] = head;
    },
    (model, head) => model.setSubmodule('classifier.6', head),
    ({ classifier }, head) => classifier.replace(-1, head),
  ];
  for (const replaceHead of ways) {
    const model = new AlexNet();
    const { inFeatures } = model.getSubmodule('classifier.6') as Linear;
    replaceHead(model, new Linear(inFeatures, 10));
    assert.is(print(model.classifier), expected);
  }
});

test.run();
