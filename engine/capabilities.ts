// What rooms may know of a device when they choose among their variants.
import type { Capabilities } from '../kernels/definition.ts';

export function capabilitiesOf(gpu: GPUDevice, kind: Capabilities['kind'], bindingLimit: number): Capabilities {
  const { subgroupMinSize, subgroupMaxSize } = gpu.adapterInfo;
  const fixed = gpu.features.has('subgroups') && subgroupMinSize === subgroupMaxSize;
  return {
    kind,
    subgroupSize: fixed ? (subgroupMinSize ?? 0) : 0,
    shaderF16: gpu.features.has('shader-f16'),
    maxWorkgroupSize: gpu.limits.maxComputeInvocationsPerWorkgroup,
    maxWorkgroupStorage: gpu.limits.maxComputeWorkgroupStorageSize,
    bindingLimit,
  };
}
