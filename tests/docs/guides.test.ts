// What the guides show is so: programs compile, run and print what stands below them; commands, options and links exist.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { codeBlocks } from './codeBlocks.ts';
import { wrongCommands } from './commands.ts';
import { programsOf, root, runProgram, typeCheck, userFolder } from './programs.ts';

const guides = readdirSync(join(root, 'docs/guides')).map((name) => `docs/guides/${name}`);
const docs = ['docs/README.md', 'docs/float16.md', ...guides];
const pages = ['README.md', ...docs];
const blocks = pages.flatMap((page) =>
  codeBlocks(readFileSync(join(root, page), 'utf8')).map((block) => ({ ...block, page })),
);
const notRun = blocks.filter((block) => block.notRun);
const programs = docs.flatMap(programsOf);
const { folder, remove } = userFolder();
const test = suite('guides');
test.after(remove);

test('the programs of README and guides compile', () => {
  assert.is(typeCheck(folder, [...programsOf('README.md'), ...programs]), '');
});

for (const program of programs.filter(({ run }) => run.trim())) {
  test(`${program.name}: the program runs${program.prints === undefined ? '' : ' and prints what the page says'}`, async () => {
    const printed = await runProgram(folder, program);
    if (program.prints !== undefined) assert.ok(pattern(program.prints).test(printed), printed);
  });
}

test('commands exist, with their options', async () => {
  const shown = blocks.filter(({ language }) => language === '' || language === 'sh');
  assert.ok(shown.length > 5);
  const wrong = await Promise.all(
    shown.map(async (block) => (await wrongCommands(block)).map((problem) => `${block.page}: ${problem}`)),
  );
  assert.equal(wrong.flat(), []);
});

test('blocks are programs, what they print, WGSL or commands', () => {
  const known = ['js', 'ts', 'text', 'wgsl', 'html', '', 'sh'];
  assert.equal(
    blocks.filter(({ language }) => !known.includes(language)).map(({ page, line }) => `${page}:${line}`),
    [],
  );
});

test(`${notRun.length} of ${blocks.length} blocks are compiled only, each for a reason that its page keeps`, () => {
  assert.ok(notRun.length <= blocks.length / 8, notRun.map(({ page, line }) => `${page}:${line}`).join(', '));
});

test('links lead to files', () => {
  const broken = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)]
      .map(([, target]) => target)
      .filter((target) => !existsSync(join(root, dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  assert.equal(broken, []);
});

test.run();

/** Of a printed text in which `…` stands for anything within a line. */
function pattern(text: string): RegExp {
  const escaped = text.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`);
}
