// Runs a command on a machine that may be bare: installs the packages, builds, finds or provides a WebGPU adapter,
// then hands over. Plain JavaScript without dependencies, for it runs before there is a node_modules.
//
//   node tools/setup.mjs [--quiet] -- <command> [arguments…]
//
//   WGRAD_ADAPTER      the adapter to use: part of its name, or swiftshader
//   WGRAD_NO_INSTALL   1: never install system packages
//   WGRAD_HOME         where SwiftShader and compiled shaders are kept (default: ~/.cache/wgrad)
import { provideAdapter } from './setupAdapter.mjs';
import { buildWhenStale, installPackages } from './setupPackages.mjs';
import { runCommand } from './setupRun.mjs';
import { StepError, stepRunner } from './setupStep.mjs';

const separator = process.argv.indexOf('--');
const options = process.argv.slice(2, separator);
const command = process.argv.slice(separator + 1);
if (separator < 0 || command.length === 0 || options.some((option) => option !== '--quiet')) {
  console.error('usage: node tools/setup.mjs [--quiet] -- <command> [arguments…]');
  process.exit(2);
}
const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(`setup: Node.js 20 or newer is needed, this is ${process.version}`);
  process.exit(1);
}

try {
  const step = stepRunner({ quiet: options.includes('--quiet') });
  await installPackages(step);
  await buildWhenStale(step);
  process.exitCode = await runCommand(command, await provideAdapter(step));
} catch (error) {
  if (!(error instanceof StepError)) throw error;
  console.error(`setup: ${error.message}`);
  process.exitCode = 1;
}
