// What the package holds of shaders: modules whose code has no comments and no indentation, which would be a sixth of a
// browser's bundle, types without the text, and the .wgsl files whole, to be read. Lines stay where they are, so what a compiler says of
// line 30 is line 30 of the file.
// `tsx tools/packShaders.ts [dist]`, after tsc.
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withoutComments } from '../kernels/shader.ts';

const [root = 'dist'] = process.argv.slice(2);
for (const name of readdirSync('kernels', { recursive: true, encoding: 'utf8' })) {
  if (name.endsWith('.wgsl')) copyFileSync(join('kernels', name), join(root, 'kernels', name));
}
for (const name of readdirSync(join(root, 'kernels'), { recursive: true, encoding: 'utf8' })) {
  const path = join(root, 'kernels', name);
  if (name.endsWith('.wgsl.js')) replaceCode(path, (code) => JSON.stringify(packed(code)));
  if (name.endsWith('.wgsl.d.ts')) replaceCode(path, () => 'string');
}

function packed(code: string): string {
  return withoutComments(code).replace(/^[ \t]+|[ \t]+$/gm, '');
}

/** @throws RangeError for a module that is not one of tools/generateWgsl.ts */
function replaceCode(path: string, replaced: (code: string) => string): void {
  const text = readFileSync(path, 'utf8');
  const found = /^( *(?:readonly )?"?code"?: )("(?:[^"\\]|\\.)*"|string)/m.exec(text);
  if (!found) throw new RangeError(`${path}: there is no code`);
  const [whole, start, literal] = found;
  if (literal === 'string') return; // packed already
  const at = found.index;
  writeFileSync(path, `${text.slice(0, at)}${start}${replaced(JSON.parse(literal))}${text.slice(at + whole.length)}`);
}
