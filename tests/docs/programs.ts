// The programs of a page, type-checked and run as its readers would run them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { formatWithOptions } from 'node:util';
import { transform } from 'esbuild';
import { type CodeBlock, codeBlocks } from './codeBlocks.ts';

export interface Program {
  /** `docs/guides/memory.md, Scopes`. */
  readonly name: string;
  /** Everything shown, for the compiler; its lines have the numbers that they have in the page. */
  readonly shown: string;
  /** Without the blocks that are not to run; '' when nothing is left. */
  readonly run: string;
  /** What it should print by the `text` blocks beside it; undefined: the page does not say. */
  readonly prints: string | undefined;
}

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A block of `js` is a program by itself; the `ts` blocks of a section make one together. */
export function programsOf(page: string): Program[] {
  const blocks = codeBlocks(readFileSync(join(root, page), 'utf8'));
  const alone = blocks.filter(({ language }) => language === 'js').map((block) => [block]);
  const sections = new Set(blocks.filter(({ language }) => language === 'ts').map(({ section }) => section));
  const together = [...sections].map((name) =>
    blocks.filter(({ language, section }) => section === name && (language === 'ts' || language === 'text')),
  );
  return [...alone, ...together].map((group) => {
    const code = group.filter(({ language }) => language !== 'text');
    const printed = group.filter(({ language, notRun }) => language === 'text' && !notRun);
    return {
      name: `${page}, ${group[0].section || `line ${group[0].line}`}`,
      shown: joined(code),
      run: joined(code.filter(({ notRun }) => !notRun)),
      prints: printed.length ? printed.map(({ code }) => code).join('') : undefined,
    };
  });
}

/** A folder of a user who has installed the package; `remove` it. */
export function userFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-docs-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(root, join(modules, 'wgrad'), 'dir');
  for (const types of ['@types', '@webgpu'])
    symlinkSync(join(root, 'node_modules', types), join(modules, types), 'dir');
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** @returns what the compiler has against them: '' for nothing */
export function typeCheck(folder: string, programs: readonly Program[]): string {
  const files = programs.map(({ name }) => `${name.replace(/[^a-z0-9]+/gi, '-')}.mts`);
  for (const [i, { shown }] of programs.entries()) writeFileSync(join(folder, files[i]), `${shown}\nexport {};\n`);
  const compilerOptions = {
    ...{ target: 'es2022', lib: ['es2023', 'esnext.disposable', 'dom'], module: 'nodenext', strict: true },
    ...{ noEmit: true, skipLibCheck: true, types: ['node', '@webgpu/types'] },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  try {
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: folder, encoding: 'utf8' });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

/** Runs a program in a user's folder, in this process, whose devices and modules then serve the next one too. */
export async function runProgram(
  folder: string,
  { name, run }: Program,
  args: readonly string[] = [],
): Promise<string> {
  const { code } = await transform(run, { loader: 'ts', target: 'es2022', sourcefile: name });
  const file = join(folder, `${name.replace(/[^a-z0-9]+/gi, '-')}.mjs`);
  writeFileSync(file, code);
  const before = { argv: process.argv, cwd: process.cwd(), log: console.log };
  let stdout = '';
  process.argv = [process.execPath, file, ...args];
  process.chdir(folder);
  console.log = (...values) => {
    stdout += `${formatWithOptions({ colors: false }, ...values)}\n`;
  };
  try {
    await import(pathToFileURL(file).href);
    return stdout;
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).stack}\n${stdout}`);
  } finally {
    process.argv = before.argv;
    process.chdir(before.cwd);
    console.log = before.log;
  }
}

/** The blocks, each at its own line. */
function joined(blocks: readonly CodeBlock[]): string {
  const lines: string[] = [];
  for (const { line, code } of blocks) {
    while (lines.length < line) lines.push('');
    lines.push(...code.trimEnd().split('\n'));
  }
  return lines.join('\n');
}
