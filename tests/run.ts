// Runs the test suites, each in a process of its own, two at a time.
//
//   node --import tsx tests/run.ts [--slow] [part of a path…]      --slow: the suites named *.slow.test.ts too
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { failedSuites, type SuiteEnd, type SuiteResult, suiteLines, suiteResult, totalLines } from './suiteResult.ts';

const atOnce = 2;
const limitMinutes = (path: string) => (path.endsWith('.slow.test.ts') ? 60 : 10);
const root = join(import.meta.dirname, '..');

const options = process.argv.slice(2);
const parts = options.filter((option) => !option.startsWith('--'));
const unknown = options.find((option) => option.startsWith('--') && option !== '--slow');
if (unknown) fail(`unknown option ${unknown}; there is --slow, and parts of suites' paths`);
const suites = findSuites();
if (suites.length === 0) fail(`no suite's path holds ${parts.join(' or ')}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
const results: SuiteResult[] = [];
const waiting = [...suites];
await Promise.all(Array.from({ length: atOnce }, runWaiting));
console.log(totalLines(results));
process.exitCode = failedSuites(results) > 0 ? 1 : 0;

function findSuites(): string[] {
  return readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .filter((name) => options.includes('--slow') || !name.endsWith('.slow.test.ts'))
    .map((name) => relative(root, join(import.meta.dirname, name)))
    .filter((path) => parts.length === 0 || parts.some((part) => path.includes(part)))
    .sort();
}

async function runWaiting(): Promise<void> {
  for (let suite = waiting.shift(); suite; suite = waiting.shift()) {
    const started = performance.now();
    const end = await runSuite(suite);
    const result = suiteResult(end);
    results.push(result);
    const seconds = (performance.now() - started) / 1000;
    console.log(suiteLines(suite, { result, output: end.output, seconds }));
  }
}

function runSuite(path: string): Promise<SuiteEnd> {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
  // a group of its own, so that processes the suite started end with it
  const child = spawn(process.execPath, ['--import', 'tsx', path], { cwd: root, env, detached: true });
  const killGroup = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {} // all of it has ended already
  };
  process.on('exit', killGroup);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup();
  }, limitMinutes(path) * 60_000);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  return new Promise((resolve) => {
    // the suite's own end counts; what it left running is ended, so that its pipes close
    child.on('exit', killGroup);
    child.on('close', (code) => {
      clearTimeout(timer);
      process.off('exit', killGroup);
      resolve({ output, code, timedOut });
    });
  });
}

function fail(message: string): never {
  console.error(`tests: ${message}`);
  process.exit(2);
}
