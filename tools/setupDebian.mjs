// Lavapipe from Debian's packages: Mesa 24 or newer, from the normal suites where they have it, else from backports.
// The machine's list of sources is left as it is: backports are read from a list of our own, for this one installation.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backportsEntry, hasSuite } from './setupSources.mjs';
import { StepError } from './setupStep.mjs';

const packageName = 'mesa-vulkan-drivers';
const oldestMesa = 24;

/** Whether this machine installs Debian packages, and we may. */
export function canInstallLavapipe() {
  return process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
}

/** @throws StepError when it cannot be installed; what failed has been printed. */
export async function installLavapipe(step) {
  const apt = aptRunner(step);
  await apt.get('reading the package lists', ['update']);
  if (await apt.install(await apt.newEnough())) return;

  const partsFolder = '/etc/apt/sources.list.d';
  const codename = /^VERSION_CODENAME="?([\w-]+)"?$/m.exec(readIfThere('/etc/os-release'))?.[1];
  const files = sourceFiles(partsFolder);
  const entry = codename ? backportsEntry(files, codename) : null;
  if (!entry || hasSuite(files, `${codename}-backports`)) {
    throw new StepError(`no ${packageName} ${oldestMesa} or newer in the package sources of this system`);
  }
  const ownParts = mkdtempSync(join(tmpdir(), 'wgrad-apt-'));
  try {
    if (existsSync(partsFolder)) cpSync(partsFolder, ownParts, { recursive: true });
    writeFileSync(join(ownParts, `wgrad-backports.${entry.format}`), entry.text);
    const withBackports = aptRunner(step, ['-o', `Dir::Etc::sourceparts=${ownParts}`]);
    await withBackports.get(`reading the package list of ${codename}-backports`, ['update']);
    if (await withBackports.install(await withBackports.newEnough())) return;
    throw new StepError(`no ${packageName} ${oldestMesa} or newer in ${codename}-backports`);
  } finally {
    rmSync(ownParts, { recursive: true, force: true });
  }
}

/** The newest version in the output of `apt-cache madison` whose major number suffices, with its suite; else null. */
export function newEnoughVersion(madison) {
  for (const line of madison.split('\n')) {
    const [, version, source = ''] = line.split('|').map((part) => part.trim());
    const major = Number(/^(?:\d+:)?(\d+)\./.exec(version ?? '')?.[1] ?? 0);
    const suite = /^\S+\s+([^\s/]+)\//.exec(source)?.[1];
    if (major >= oldestMesa && suite) return { version, suite };
  }
  return null;
}

function aptRunner(step, options = []) {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const patience = [
    'Acquire::Retries=1',
    'Acquire::http::Timeout=20',
    'Acquire::https::Timeout=20',
    'DPkg::Lock::Timeout=60',
  ];
  const all = [...options, ...patience.flatMap((option) => ['-o', option])];
  const get = (title, args) =>
    step.run(title, 'apt-get', ['-q', ...all, ...args], { environment, timeoutSeconds: 240 });
  return {
    get,
    async newEnough() {
      return newEnoughVersion(
        await step.run('asking apt', 'apt-cache', [...options, 'madison', packageName], { show: false }),
      );
    },
    async install(candidate) {
      if (!candidate) return false;
      // the suite is named, for its dependencies must come from there too
      const args = ['install', '-y', '--no-install-recommends', '-t', candidate.suite, packageName];
      await get(`installing lavapipe (${packageName} ${candidate.version})`, args);
      return true;
    },
  };
}

function sourceFiles(partsFolder) {
  const names = existsSync(partsFolder) ? readdirSync(partsFolder).sort() : [];
  const paths = ['/etc/apt/sources.list', ...names.map((name) => join(partsFolder, name))];
  return paths.filter((path) => /\.(list|sources)$/.test(path)).map((name) => ({ name, text: readIfThere(name) }));
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
