// What a measurement needs beside its numbers to mean anything later.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from './suite/packageRoot.ts';

export interface Environment {
  date: string;
  /** The repository's commit, with `+` when the working tree differs; empty outside a repository. */
  commit: string;
  node: string;
  platform: string;
  cpu: string;
}

export function environment(): Environment {
  return {
    date: new Date().toISOString(),
    commit: commit(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
  };
}

function commit(): string {
  // an installed package lies within somebody else's repository
  if (!existsSync(join(packageRoot(), '.git'))) return '';
  try {
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain') ? '+' : '');
  } catch {
    return '';
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}
