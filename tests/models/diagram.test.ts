// Figures of architectures: nothing the model does is missing, equal blocks are drawn once, the SVG is whole.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { trace } from '../../engine/nn/trace.ts';
import { figureOf } from '../../models/diagram/blocks.ts';
import { boxesOf } from '../../models/diagram/boxes.ts';
import { diagram } from '../../models/diagram/diagram.ts';
import { createModel, modelEntries, modelEntry } from '../../models/index.ts';

const test = suite('diagram');

test('every convolution, linear layer and pool of every model has its box, and every box reads earlier ones', () => {
  for (const { name, inputShape, create } of modelEntries()) {
    const traced = trace(create(), inputShape);
    const boxes = boxesOf(traced);
    for (const [operations, kind] of [
      [['conv2d'], 'convolution'],
      [['linear'], 'linear'],
      [['maxPool2d', 'avgPool2d', 'adaptiveAvgPool2d'], 'pooling'],
    ] as const) {
      const ran = traced.nodes.filter(({ operation }) => (operations as readonly string[]).includes(operation)).length;
      assert.is(boxes.filter((box) => box.kind === kind).length, ran, `${name}: ${kind}`);
    }
    for (const { id, inputs } of boxes) assert.ok(inputs.every((input) => input < id));
    const { outputs, nodes } = traced;
    assert.equal(boxes.at(-1)!.shape, nodes[outputs[0]].shape.slice(1), name);
  }
});

test('ResNet-50 is drawn as its stages, with the three kinds of bottleneck beside them', () => {
  const { overview, panels } = figureFor('resnet50');
  assert.equal(
    overview.map(({ title, notes }) => [title, ...notes].join(' | ')),
    [
      'Image',
      'Conv 7×7, 64 | stride 2 | padding 3 | BN | ReLU',
      'Max pool 3×3 | stride 2 | padding 1',
      'layer1.0 | Bottleneck (a)',
      'layer1.1–2 | Bottleneck (b) | × 2',
      'layer2.0 | Bottleneck (c)',
      'layer2.1–3 | Bottleneck (b) | × 3',
      'layer3.0 | Bottleneck (c)',
      'layer3.1–5 | Bottleneck (b) | × 5',
      'layer4.0 | Bottleneck (c)',
      'layer4.1–2 | Bottleneck (b) | × 2',
      'Global average pool',
      'Linear, 1000',
    ],
  );
  assert.equal(
    panels.map(({ title, module }) => [title, module]),
    [
      ['Bottleneck (a)', 'layer1.0'],
      ['Bottleneck (b)', 'layer1.1'],
      ['Bottleneck (c)', 'layer2.0'],
    ],
  );
  // the identity shortcut of (b): the sum reads the block's input
  const sum = panels[1].boxes.find(({ title }) => title === '+')!;
  assert.ok(sum.inputs.includes(0));
  assert.equal(sum.notes, ['ReLU']);
});

test("GoogLeNet's inception block has four branches that are concatenated", () => {
  const { panels } = figureFor('googlenet_paper');
  assert.is(panels.length, 1);
  const { boxes } = panels[0];
  assert.is(boxes.filter(({ inputs }) => inputs.includes(0)).length, 4);
  assert.is(boxes.find(({ title }) => title === 'Concatenate')!.inputs.length, 4);
  assert.ok(boxes.some(({ title }) => title === 'Conv 5×5, 32'));
});

test('the SVG of every model is well-formed and shows its shapes', () => {
  for (const { name, inputShape, create } of modelEntries()) {
    const svg = diagram(create(), inputShape, { title: `${name} <&>` });
    const open: string[] = [];
    for (const [, close, tag, alone] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
      if (close) assert.is(open.pop(), tag, name);
      else if (!alone) open.push(tag);
    }
    assert.equal(open, [], name);
    assert.is(svg.match(/NaN|undefined|Infinity/), null, name);
    assert.ok(svg.includes(`${name} &lt;&amp;&gt;`));
    assert.ok(svg.includes(inputShape.join(' × ')));
  }
});

test('the figures in docs/architectures are those of the models as they are', () => {
  for (const { name, inputShape, paper, create } of modelEntries()) {
    const kept = readFileSync(new URL(`../../docs/architectures/${name}.svg`, import.meta.url), 'utf8');
    const drawn = diagram(create(), inputShape, { title: `${name}: ${paper.title}, ${paper.year}` });
    assert.is(kept, drawn, `${name}: draw them again with wgrad diagram --all --out docs/architectures`);
  }
});

test.run();

function figureFor(name: string) {
  const model = createModel(name);
  return figureOf(model, boxesOf(trace(model, modelEntry(name).inputShape)));
}
