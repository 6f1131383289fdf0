// GPUs call themselves anything; the two CPU drivers are known, and their costs are so different that rooms choose other
// variants there.
import type { Capabilities } from '../kernels/definition.ts';

export type AdapterKind = Capabilities['kind'];

export function adapterKind(info: Partial<GPUAdapterInfo>): AdapterKind {
  const { vendor = '', architecture = '', device = '', description = '' } = info;
  const text = `${vendor} ${architecture} ${device} ${description}`.toLowerCase();
  if (text.includes('swiftshader')) return 'swiftshader';
  return text.includes('llvmpipe') || text.includes('lavapipe') ? 'lavapipe' : 'gpu';
}
