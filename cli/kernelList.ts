// `wgrad kernel list`
import { registry } from '../kernels/registry.ts';

export function kernelList({ json = false }: { json?: boolean }): void {
  const operations = registry.map(({ operation, cases }) => ({
    operation: operation.name,
    inputs: operation.inputs.map(({ name }) => name),
    variants: (operation.variants ?? []).map(({ name, idea }) => ({ name, idea })),
    shaders: operation.shaders.map(({ label }) => label),
    cases: cases.cases.length,
  }));
  if (json) {
    console.log(JSON.stringify(operations));
    return;
  }
  for (const { operation, inputs, variants, shaders, cases } of operations) {
    console.log(`${operation}(${inputs.join(', ')})  ${cases} cases`);
    for (const { name, idea } of variants) console.log(`    ${name}: ${idea}`);
    for (const [label, forms] of byFile(shaders)) {
      console.log(
        `  ${label}${forms.length > 1 || forms[0] ? `  [${forms.map((form) => form || 'plain').join(' | ')}]` : ''}`,
      );
    }
  }
}

/** `maxPool2d/forward` and `maxPool2d/forward vec4` are forms of one file. */
function byFile(labels: readonly string[]): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const label of labels) {
    const [file, ...form] = label.split(' ');
    files.set(file, [...(files.get(file) ?? []), form.join(' ')]);
  }
  return files;
}
