// Computes the same in Chromium and in Node, both on SwiftShader, and compares the bits.
import type { Device } from '../../../engine/device.ts';
import { createDevice } from '../../../engine/node/createDevice.ts';
import { registry } from '../../../kernels/registry.ts';
import { BundleBrowser, bundleOf } from '../bundleBrowser.ts';
import { compareBits, type Difference } from './compareBits.ts';
import { type Bits, roomBits, trainingBits } from './results.ts';

export interface AgreementOptions {
  /** Names of rooms. Default: all. */
  readonly rooms?: readonly string[];
  /** Of each room. Default: all. */
  readonly cases?: number;
  /** Of training. Default 20. */
  readonly steps?: number;
  /** Called when a room, or at last `training`, has been compared. */
  readonly onPart?: (part: Part) => void;
}

export interface Part {
  readonly name: string;
  /** Tensors compared: inputs, outputs, gradients; for training losses and parameters. */
  readonly tensors: number;
  readonly differences: readonly Difference[];
}

export interface Agreement {
  readonly parts: readonly Part[];
  /** What the two devices say of themselves. Where they differ, kernels may be chosen or compiled differently. */
  readonly browser: string;
  readonly node: string;
}

const page = 'tests/browser/agreement/page.ts';

/** @throws AdapterError where Node has no SwiftShader; Error where no browser starts */
export async function compareWithNode({
  rooms = registry.map(({ operation }) => operation.name),
  cases = 1000,
  steps = 20,
  onPart = () => {},
}: AgreementOptions = {}): Promise<Agreement> {
  const device = await createDevice({ adapter: 'swiftshader', seed: 0 });
  await using browser = await BundleBrowser.open([page]);
  const opened = await browser.newPage();
  await opened.evaluate(`import('${bundleOf(page)}')`);
  const inBrowser = (call: string) => opened.evaluate(call) as Promise<Bits[]>;
  const parts: Part[] = [];
  const add = (name: string, ours: readonly Bits[], theirs: readonly Bits[]) => {
    const part = { name, tensors: ours.length, differences: compareBits(ours, theirs) };
    parts.push(part);
    onPart(part);
  };
  for (const name of rooms) {
    add(name, await roomBits(device, name, { cases }), await inBrowser(`roomBits('${name}', { cases: ${cases} })`));
  }
  add('training', await trainingBits(device, { steps }), await inBrowser(`trainingBits({ steps: ${steps} })`));
  const agreement = { parts, browser: (await opened.evaluate('capabilities')) as string, node: told(device) };
  device.destroy();
  return agreement;
}

/** As page.ts tells of its own. */
function told({ capabilities }: Device): string {
  return JSON.stringify(capabilities);
}
