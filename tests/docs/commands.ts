// The commands that a page shows: whether each exists, with every option that is given to it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { CodeBlock } from './codeBlocks.ts';
import { root } from './programs.ts';

/** @returns what is wrong with the commands of a block without a language or of `sh` */
export async function wrongCommands({ code }: CodeBlock): Promise<string[]> {
  const found: string[] = [];
  for (const line of code.split('\n').map((text) => text.replace(/(^|\s)#.*$/, '').trim())) {
    if (!line) continue;
    const problem = await problemOf(line.split(/\s+/).filter((word) => !/^[A-Z_]+=/.test(word)));
    if (problem) found.push(`${line}: ${problem}`);
  }
  return found;
}

async function problemOf([program, ...words]: string[]): Promise<string | undefined> {
  if (program === 'npx' && words[0] === 'wgrad') return wrongWgrad(words.slice(1));
  if (program === 'mpirun') return problemOf(words.slice(words.indexOf('-n') + 2));
  if (program === 'npx' && words[0] === 'tsx') return existsSync(join(root, words[1])) ? undefined : 'no such file';
  if (program === 'node') return existsSync(join(root, words[0])) ? undefined : 'no such file';
  if (program === 'npm' && ['install', 'ci'].includes(words[0])) return;
  if (program === 'npm') return wrongScript(words[0] === 'run' ? words[1] : words[0], words);
  return 'the test knows no such program';
}

async function wrongScript(name: string, words: readonly string[]): Promise<string | undefined> {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  if (!(name in scripts)) return `package.json has no script ${name}`;
  const rest = words.slice(words.indexOf('--') + 1);
  return name === 'bench' && words.includes('--') ? wrongWgrad(['bench', ...rest]) : undefined;
}

/** Commands are files of cli/, each of which makes a `Command`; doctor, without arguments, is made with them. */
async function wrongWgrad([name, ...words]: readonly string[]): Promise<string | undefined> {
  if (name === 'doctor' && words.every((word) => word === '--json')) return;
  if (!existsSync(join(root, 'cli', `${name}.ts`))) return `wgrad has no command ${name}`;
  let command: unknown = (await import(`../../cli/${name}.ts`))[`${name}Command`]?.();
  if (!(command instanceof Command)) return `wgrad has no command ${name}`;
  const below = command.commands.find((one: Command) => one.name() === words[0]);
  if (command.commands.length && !command.registeredArguments.length && !below)
    return `${name} has no command ${words[0]}`;
  command = below ?? command;
  const known = new Set((command as Command).options.flatMap(({ long, short }) => [long, short]));
  return words
    .filter((word) => word.startsWith('-') && !known.has(word))
    .map((word) => `${name} has no option ${word}`)
    .join(', ');
}
