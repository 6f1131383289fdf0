// `wgrad bench`: this engine and its peers on the same adapter, every result checked before it is timed.
import { Argument, Command } from 'commander';
import { type SuiteName, suiteNames } from '../bench/suite/suites.ts';
import { integer } from './arguments.ts';

export function benchCommand(): Command {
  return new Command('bench')
    .description('Time operations and models beside tfjs, jax-js and PyTorch, each result checked before it is timed')
    .addArgument(new Argument('[suite]', 'what to measure').choices(suiteNames).default('ops'))
    .option('--against <names>', 'peers: tfjs, jax-js, torch, or none (default: those installed)')
    .option('--quick', 'small shapes: seconds instead of minutes, and no figures to quote')
    .option('--only <names>', 'workloads whose names hold one of these, separated by commas')
    .option('--rounds <n>', 'alternating rounds; their median counts (default: 5, with --quick 3)', integer(1))
    .option('--json <file>', 'write everything measured')
    .option('--compare <file>', 'list what became slower than in that JSON file; exit code 1 if anything did')
    .option('--report <folder>', 'write a page with charts there: index.html')
    .option('--adapter <name>', "part of an adapter's name, or swiftshader (default: WGRAD_ADAPTER, else the best)")
    .addHelpText(
      'after',
      `
tfjs and jax-js are npm packages that wgrad does not bring along; torch takes part where WGRAD_PYTHON names a Python
that has it. Figures mean something only on a machine that does nothing else.`,
    )
    .action(async (suite: SuiteName, options) => {
      // loaded here: the models, Dawn and the chart library are no other command's business
      const { runSuite } = await import('../bench/suite/runSuite.ts');
      process.exitCode = await runSuite(suite, options);
    });
}
