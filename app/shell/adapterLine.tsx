// Which adapter computes here: what every figure on the pages depends on.
import { useEffect, useState } from 'preact/hooks';

export function AdapterLine() {
  const [text, setText] = useState('');
  useEffect(() => {
    describeAdapter().then(setText, (error: Error) => setText(`No adapter: ${error.message}`));
  }, []);
  return <span class="adapter">{text}</span>;
}

async function describeAdapter(): Promise<string> {
  if (!navigator.gpu) return 'WebGPU is missing here';
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return 'WebGPU found no adapter';
  const { vendor, architecture, device, description } = adapter.info;
  const name = description || [vendor, architecture, device].filter(Boolean).join(' ') || 'unnamed adapter';
  return adapter.info.isFallbackAdapter ? `${name} (software: slow)` : name;
}
