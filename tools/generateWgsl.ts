// Writes `x.wgsl.ts` beside every `x.wgsl`: the text plus its parsed bindings, Params and overrides as a typed
// constant, so that TypeScript checks each launch against the shader. Run by the npm scripts; output ignored by git.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseShader } from '../kernels/shader.ts';

const roots = process.argv.slice(2).length ? process.argv.slice(2) : ['kernels', 'examples'];
let written = 0;
for (const root of roots) {
  for (const path of wgslFiles(root)) {
    const target = `${path}.ts`;
    const text = moduleText(path);
    if (readIfThere(target) !== text) {
      writeFileSync(target, text);
      written++;
    }
  }
}
console.log(`generateWgsl: ${written} module(s) written`);

function wgslFiles(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.wgsl'))
    .sort()
    .map((name) => join(folder, name));
}

function moduleText(path: string): string {
  const name = basename(path, '.wgsl');
  const shader = parseShader(`${basename(dirname(path))}/${name}`, readFileSync(path, 'utf8'));
  return `// Generated from ${basename(path)} by tools/generateWgsl.ts: do not edit.\nexport const shader = ${JSON.stringify(shader, null, 2)} as const;\n`;
}

function readIfThere(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false }) ? readFileSync(path, 'utf8') : undefined;
}
