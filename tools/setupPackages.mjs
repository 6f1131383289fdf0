// The project's own ground: npm packages as the lock file wants them, and a build that is not older than its sources.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setupStep.mjs';

const sources = [
  ...['cli', 'datasets', 'engine', 'examples', 'kernels', 'lab', 'models', 'training', 'tools/generateWgsl.ts'],
  ...['package.json', 'tsconfig.json', 'tsconfig.build.json'],
];

/** Runs `npm ci` when node_modules is missing or differs from package-lock.json (`npm install` without a lock). */
export async function installPackages(step) {
  const lock = readJson('package-lock.json');
  const installed = readJson('node_modules/.package-lock.json');
  if (installed && (!lock || isInstalled(lock, installed))) return;
  const command = lock ? 'ci' : 'install';
  const args = [command, '--no-audit', '--no-fund', '--no-update-notifier'];
  await runNpm(step, `installing the npm packages (npm ${command})`, args);
}

/** Runs `npm run build`, which generates the WGSL modules too, when something built is missing or older than a source. */
export async function buildWhenStale(step) {
  const { scripts = {} } = readJson('package.json');
  const files = filesBelow(sources).filter((file) => !file.endsWith('.wgsl.ts'));
  const isGenerated = files.every((file) => !file.endsWith('.wgsl') || existsSync(join(root, `${file}.ts`)));
  const isFresh = isGenerated && newest(filesBelow(['dist'])) >= newest(files);
  if (scripts.build && !isFresh) await runNpm(step, 'building (npm run build)', ['run', 'build']);
}

/**
 * Whether every package that the lock file names is there in the version it names. Packages for other platforms are
 * optional and may lack. Modification times would not do: a checkout or a copy changes them.
 */
export function isInstalled(lock, installed) {
  return Object.entries(lock.packages ?? {}).every(([path, wanted]) => {
    const there = installed.packages?.[path];
    if (path === '' || wanted.link) return true;
    return there ? there.version === wanted.version : Boolean(wanted.optional || wanted.peer || wanted.devOptional);
  });
}

function runNpm(step, title, args) {
  // the npm that started us, when one did; a bare `npm` else
  const npm = process.env.npm_execpath;
  return npm?.endsWith('.js') ? step.run(title, process.execPath, [npm, ...args]) : step.run(title, 'npm', args);
}

function readJson(path) {
  const file = join(root, path);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

function filesBelow(paths) {
  return paths.flatMap((path) => {
    const info = statSync(join(root, path), { throwIfNoEntry: false });
    if (!info?.isDirectory()) return info ? [path] : [];
    return filesBelow(readdirSync(join(root, path)).map((name) => join(path, name)));
  });
}

function newest(files) {
  return Math.max(0, ...files.map((file) => statSync(join(root, file)).mtimeMs));
}
