// What a measurement needs beside its numbers to mean anything later.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';

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
