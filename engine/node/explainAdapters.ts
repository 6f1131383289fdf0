// What to tell somebody who has no adapter, or not the one asked for: what was found, and how to get what is missing.
import type { AdapterDescription, AdapterWish } from './chooseAdapter.ts';
import { unpackSwiftShader } from './swiftshader.ts';
import { driverManifests, type Loader } from './vulkan.ts';

/** The text of the AdapterError: `found` holds the adapters that exist but do not fit. */
export function explainFailure(
  found: readonly AdapterDescription[],
  { adapter, features = [] }: AdapterWish,
  loader: Loader,
): string {
  const names = found.map((one) => {
    const lacking = features.filter((name) => !one.features.has(name));
    return `${one.kind} (${one.description})${lacking.length > 0 ? `, which lacks ${lacking.join(', ')}` : ''}`;
  });
  const hidden = process.env.VK_DRIVER_FILES || process.env.VK_ICD_FILENAMES;
  const hiding = hidden ? ` (VK_DRIVER_FILES=${hidden} hides all others)` : '';
  if (names.length > 0) {
    const asked = adapter ? `no adapter fits "${adapter}"` : 'no adapter has all that was asked for';
    return [
      `${asked}; there is ${names.join('; ')}${hiding}.`,
      'Give a part of one of these names (option adapter, variable WGRAD_ADAPTER).',
      howToGetOne(),
    ].join('\n');
  }
  const loaderPlace = loader === null ? 'none' : loader === 'system' ? "the system's" : loader.unpackedIn;
  return [
    'no WebGPU adapter',
    `  Vulkan loader (libvulkan.so.1): ${loaderPlace}`,
    `  drivers: ${driverManifests().join(', ') || 'none'}${hiding}`,
    `  SwiftShader: ${swiftShaderState()}`,
    howToGetOne(),
  ].join('\n');
}

function swiftShaderState(): string {
  try {
    return unpackSwiftShader().driver;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The commands that get an adapter. */
function howToGetOne(): string {
  return [
    'To get one, start the command through `node tools/setup.mjs -- <command>` (npm run demo and npm test do), or:',
    '  a GPU:       its Vulkan driver, as its maker packages it',
    '  lavapipe:    apt-get install mesa-vulkan-drivers (24 or newer; Debian 12: -t bookworm-backports)',
    '  SwiftShader: npm install @sparticuz/chromium (Linux x64)',
  ].join('\n');
}
