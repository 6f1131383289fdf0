// One line for an adapter, by which two processes know that they ran on the same one.

/** `llvmpipe (LLVM 15.0.6, 256 bits) (mesa, llvmpipe: Mesa 25.0.7)`: the device, then vendor, architecture, driver. */
export function adapterText({
  vendor,
  architecture,
  device,
  description,
}: Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'device' | 'description'>): string {
  return `${device} (${[vendor, architecture, description].filter(Boolean).join(', ')})`;
}
