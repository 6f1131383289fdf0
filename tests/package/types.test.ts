// Programs of others, type-checked against the packed package: strictly, the package's own declarations included, and
// for browsers without the types of Node.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packedPackage, repository } from './packedPackage.ts';

const packed = await packedPackage();
const test = suite('package types');
test.after(() => packed.remove());

for (const moduleResolution of ['bundler', 'nodenext']) {
  test(`a page compiles with moduleResolution ${moduleResolution}, without the types of Node`, async () => {
    assert.is(await compile(consumer('browser'), { moduleResolution, types: [] }), '');
  });
}

test('a Node program compiles', async () => {
  assert.is(await compile(consumer('node'), { moduleResolution: 'nodenext', types: ['node'] }), '');
});

test('what does not fit is told by the types', async () => {
  const wrong = `import { createDevice } from 'wgrad';
    import { Conv2d } from 'wgrad/nn';
    createDevice({ seed: 'one' });
    new Conv2d(1, 'four', 3);
    new Conv2d(1, 4, 3).weight.shape.push(1);`;
  const found = await compile(wrong, { moduleResolution: 'bundler', types: [] });
  const lines = [...found.matchAll(/^program\.ts\((\d+),/gm)].map(([, line]) => Number(line));
  assert.equal(lines, [3, 4, 5], found);
});

test.run();

function consumer(name: string): string {
  return readFileSync(join(import.meta.dirname, 'consumers', `${name}.ts`), 'utf8');
}

/** @returns what the compiler says */
function compile(program: string, options: { moduleResolution: string; types: string[] }) {
  const folder = mkdtempSync(join(packed.folder, 'consumer-'));
  const compilerOptions = {
    ...{ target: 'es2022', lib: ['es2022', 'dom'], strict: true, noEmit: true },
    ...{ module: options.moduleResolution === 'nodenext' ? 'nodenext' : 'esnext', ...options },
  };
  writeFileSync(join(folder, 'program.ts'), program);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['program.ts'] }));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const compiler = join(repository, 'node_modules', '.bin', 'tsc');
  return new Promise<string>((resolve) => {
    execFile(compiler, ['-p', '.'], { cwd: folder }, (_, stdout, stderr) => resolve(stdout + stderr));
  });
}
