// `wgrad demo`: LeNet-5 from nothing to a working classifier, in under three minutes on two CPU cores.
import { Command } from 'commander';
import { pickSamples } from '../training/node/runReports.ts';
import { terminalColor, terminalImages } from '../training/report/terminalImage.ts';
import { writeUnguarded } from './guardTerminal.ts';
import { checkNewRun, newRunFolder } from './newRunFolder.ts';
import { startRun } from './startRun.ts';
import { newConfig } from './trainOptions.ts';

interface DemoFlags {
  data?: string;
  out?: string;
  adapter?: string;
}

export function demoCommand(): Command {
  return new Command('demo')
    .description('Train LeNet-5 and show what it sees: on MNIST where it is found, else on generated digits')
    .option('--data <folder>', 'where to look for MNIST (default: WGRAD_DATA)')
    .option('--out <folder>', "the run's folder (default: a new one in runs/)")
    .option('--adapter <name>', "part of an adapter's name, or swiftshader (default: WGRAD_ADAPTER, else the best)")
    .action(demo);
}

async function demo(flags: DemoFlags): Promise<void> {
  const config = newConfig('lenet5', flags);
  const { out = newRunFolder(config), adapter } = flags;
  checkNewRun(out);
  // what fits into three minutes: MNIST's 60,000 images once, or the 6,000 generated ones five times
  const epochs = config.dataset === 'glyphs' ? 5 : 1;
  const { test, testSet } = await startRun({ config: { ...config, epochs }, out, adapter });
  if (!test) return;
  const { columns = 80 } = process.stdout;
  const color = terminalColor(process.stdout, process.env);
  const pictures = terminalImages(pickSamples(testSet, test, { count: 6, mistakes: 1 }), { color, columns });
  writeUnguarded(process.stdout, `\nSome of its answers:\n\n${pictures}\n`);
}
