// `wgrad summary`
import { Command, InvalidArgumentError } from 'commander';
import { type Layer, layers, print, summary, type Totals, totals } from '../engine/nn/index.ts';
import type { Shape } from '../kernels/definition.ts';
import { show } from '../kernels/rank.ts';
import { createModel } from '../models/index.ts';
import { integer } from './arguments.ts';
import { findModel } from './findModel.ts';
import { modelList } from './modelList.ts';
import { textTable } from './textTable.ts';

interface SummaryFlags {
  input?: Shape;
  classes?: number;
  macs?: boolean;
  print?: boolean;
  json?: boolean;
}

export function summaryCommand(): Command {
  return new Command('summary')
    .description("A model's layers with their output shapes and parameters; needs no GPU")
    .argument('<model>', 'one of those below')
    .option('--input <CxHxW>', "of one image (default: the model's own)", imageShape)
    .option('--classes <n>', "default: the model's own", integer(1))
    .option('--macs', 'each layer by its name, with multiply-accumulates and bytes of activations')
    .option('--print', "the tree of modules, as PyTorch's print(model)")
    .option('--json', 'print one JSON object')
    .addHelpText('after', () => `\nModels:\n${modelList()}`)
    .action(summarise);
}

function summarise(name: string, { input, classes, macs: isByLayer, print: isTree, json }: SummaryFlags): void {
  const entry = findModel(name);
  const inputShape = input ?? entry.inputShape;
  const model = createModel(name, {
    ...(classes !== undefined && { numClasses: classes }),
    ...(inputShape[0] !== entry.inputShape[0] && { inChannels: inputShape[0] }),
  });
  const rows = layers(model, inputShape);
  const sums = totals(rows);
  if (json) {
    const { family, paper, head, accuracy } = entry;
    const published = accuracy && { accuracy };
    console.log(JSON.stringify({ model: name, family, paper, head, ...published, inputShape, ...sums, layers: rows }));
    return;
  }
  const table = isByLayer ? layerTable(rows) : summary(model, inputShape);
  console.log([...(isTree ? [print(model), ''] : []), table, costs(sums)].join('\n'));
}

function layerTable(rows: readonly Layer[]): string {
  const header = ['layer', 'type', 'output', 'parameters', 'multiply-accumulates', 'activation bytes'];
  const body = rows.map(({ name, type, outputShape, parameters, macs, activationBytes }) => [
    ...[name || '(the model itself)', type, show(outputShape.slice(1))],
    ...[parameters, macs, activationBytes].map(grouped),
  ]);
  return `${textTable([header, ...body])}\n`;
}

function costs({ parameters, macs, activationBytes }: Totals): string {
  return [
    `Parameters: ${grouped(parameters)}`,
    `Multiply-accumulates: ${grouped(macs)} (${(macs / 1e9).toFixed(3)} GMAC; as floating-point operations twice that, ${((2 * macs) / 1e9).toFixed(3)} GFLOP)`,
    `Activations: ${grouped(activationBytes)} bytes for one image`,
  ].join('\n');
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function imageShape(text: string): Shape {
  const shape = text.split('x').map(Number);
  if (shape.length === 3 && shape.every((extent) => Number.isSafeInteger(extent) && extent > 0)) return shape;
  throw new InvalidArgumentError('Channels, height and width are expected: 3x224x224.');
}
