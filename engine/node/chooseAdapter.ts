// Which adapter to take among those found: a pure decision, apart from Dawn, so that it can be tested anywhere.
import type { AdapterKind } from '../adapterKind.ts';

/** What adapters are chosen by. */
export interface AdapterDescription {
  kind: AdapterKind;
  /** The driver's own words: `llvmpipe: Mesa 25.0.7 (LLVM 15.0.6) 0.0.1`. */
  description: string;
  info: Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'device' | 'description'>;
  features: ReadonlySet<string>;
}

export interface AdapterWish {
  /**
   * A part of the adapter's kind, vendor, architecture, device or description, in any case: `nvidia`, `llvmpipe`,
   * `swiftshader`. Default: the variable `WGRAD_ADAPTER`, else the best there is.
   */
  adapter?: string | undefined;
  /** Features the adapter must have. Default: none. */
  features?: readonly string[];
}

/** The best of those that fit: GPUs before lavapipe before SwiftShader, else in their order; `null` when none fits. */
export function chooseAdapter<A extends AdapterDescription>(
  found: readonly A[],
  { adapter = '', features = [] }: AdapterWish,
): A | null {
  const order: AdapterKind[] = ['gpu', 'lavapipe', 'swiftshader'];
  const fitting = found.filter((one) => matches(one, adapter) && features.every((name) => one.features.has(name)));
  return fitting.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))[0] ?? null;
}

function matches({ kind, info }: AdapterDescription, wanted: string): boolean {
  const text = [kind, info.vendor, info.architecture, info.device, info.description].join(' ');
  return simplify(text).includes(simplify(wanted));
}

// Dawn writes "geforce-rtx-4090" where people write "GeForce RTX 4090"
function simplify(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}
