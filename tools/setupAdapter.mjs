// Finds a WebGPU adapter for the command, or provides one: a real GPU; lavapipe, already there or from Debian's
// packages; SwiftShader. Resolves to the environment the command is to be started with.
import { canInstallLavapipe, installLavapipe } from './setupDebian.mjs';
import { StepError } from './setupStep.mjs';

export async function provideAdapter(step) {
  let probe = await probeAdapter(step);
  if (isWorthInstalling(probe.found, process.env) && canInstallLavapipe()) {
    try {
      await installLavapipe(step);
      probe = await probeAdapter(step);
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      step.say(`lavapipe was not installed: ${error.message} (WGRAD_NO_INSTALL=1: do not try)`);
    }
  }
  // Not fatal here: what needs no adapter still runs, what needs one says so itself.
  if (probe.found) step.say(`adapter: ${probe.found.kind} (${probe.found.description})`);
  else console.error(`setup: ${probe.error}`);
  return { ...process.env, ...probe.environment };
}

/** Lavapipe is faster than SwiftShader, unless the user wants SwiftShader, no installing, or no system drivers at all. */
export function isWorthInstalling(found, environment) {
  const { WGRAD_ADAPTER = '', WGRAD_NO_INSTALL = '', VK_DRIVER_FILES, VK_ICD_FILENAMES } = environment;
  const wanted = WGRAD_ADAPTER.toLowerCase();
  const wouldDo = wanted === '' || 'lavapipe llvmpipe mesa'.includes(wanted);
  const isHidden = Boolean(VK_DRIVER_FILES || VK_ICD_FILENAMES);
  return wouldDo && !isHidden && !['1', 'true'].includes(WGRAD_NO_INSTALL) && (!found || found.kind === 'swiftshader');
}

/** A process of its own, for Dawn reads some of the environment only when a process starts, and may crash. */
async function probeAdapter(step) {
  try {
    const args = ['--import', 'tsx', 'tools/setupProbe.ts'];
    const output = await step.run('looking for an adapter', process.execPath, args, {
      timeoutSeconds: 120,
      show: false,
    });
    return JSON.parse(output.trim().split('\n').at(-1));
  } catch (error) {
    return { found: null, error: `looking for an adapter failed: ${error.message}`, environment: {} };
  }
}
