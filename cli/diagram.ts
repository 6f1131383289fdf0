// `wgrad diagram`
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { makeFolder } from '../engine/node/makeFolder.ts';
import { replaceFile } from '../engine/node/replaceFile.ts';
import { diagram } from '../models/diagram/diagram.ts';
import { createModel, listModels } from '../models/index.ts';
import { findModel } from './findModel.ts';
import { UsageError } from './usageError.ts';

interface DiagramFlags {
  all?: boolean;
  out?: string;
}

export function diagramCommand(): Command {
  return new Command('diagram')
    .description('Draw an architecture as SVG, from what the model itself does with an image')
    .argument('[model]', 'a name that `wgrad summary --help` lists')
    .option('--all', 'every model, into the folder --out', false)
    .option('--out <path>', 'the file (default: stdout), or the folder with --all')
    .action(draw);
}

function draw(model: string | undefined, { all, out }: DiagramFlags): void {
  if (all) {
    if (model !== undefined || out === undefined)
      throw new UsageError('--all draws every model; it needs --out <folder> and no name');
    for (const name of listModels()) write(join(out, `${name}.svg`), svgOf(name));
    return;
  }
  if (model === undefined) throw new UsageError('which model? wgrad diagram resnet18 --out resnet18.svg');
  const svg = svgOf(model);
  if (out === undefined) process.stdout.write(svg);
  else write(out, svg);
}

function svgOf(model: string): string {
  const { name, inputShape, paper } = findModel(model);
  return diagram(createModel(name), inputShape, { title: `${name}: ${paper.title}, ${paper.year}` });
}

function write(path: string, svg: string): void {
  makeFolder(dirname(path));
  replaceFile(path, svg);
  console.log(path);
}
