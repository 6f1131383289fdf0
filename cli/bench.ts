// `wgrad bench`: this engine and its peers on the same adapter, every result checked before it is timed.
import { Argument, Command } from 'commander';
import { type SuiteName, suiteNames } from '../bench/suite/suites.ts';
import { countList, integer } from './arguments.ts';

export function benchCommand(): Command {
  return new Command('bench')
    .addCommand(scaleCommand())
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

function scaleCommand(): Command {
  return new Command('scale')
    .description('Time training steps of several MPI ranks, and foretell those of more')
    .option('--ranks <list>', 'how many, separated by commas, 1 first', countList, [1, 2, 4])
    .option('--model <name>', 'what is trained, on noise', 'lenet5')
    .option('--batch <n>', 'images of one rank in a step', integer(1), 64)
    .option('--steps <n>', 'measured steps', integer(1), 50)
    .option('--image-size <n>', 'height and width', integer(1), 28)
    .option('--bucket-bytes <n>', 'gradients are exchanged in parts of this size (default: 4 MiB)', integer(4))
    .option('--mpirun <command>', 'the launcher', 'mpirun')
    .option('--json <file>', 'write everything measured')
    .addHelpText(
      'after',
      `
Ranks share what this machine has: with fewer cores or GPUs than ranks, the efficiency is that of the machine, not of the
exchange.`,
    )
    .action(async (_, command: Command) => {
      const { benchScale } = await import('../bench/scale.ts');
      await benchScale(command.optsWithGlobals()); // `bench` itself takes --json
    });
}
