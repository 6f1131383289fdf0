// The package as npm would publish it, unpacked beside links to everything the repository has installed: what an
// application sees after `npm install wgrad`. Built from the sources of now, into a folder of its own.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface PackedPackage {
  /** Holds `node_modules`; applications are put beside it. */
  readonly folder: string;
  /** The unpacked package. */
  readonly root: string;
  /** Paths within the package. */
  readonly files: readonly string[];
  readonly tarballBytes: number;
  readonly unpackedBytes: number;
  remove(): void;
}

export const repository = join(import.meta.dirname, '..', '..');

const run = promisify(execFile);

/** @throws Error with the output of the step that failed */
export async function packedPackage(): Promise<PackedPackage> {
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-package-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const staged = join(folder, 'staged');
    await build(staged);
    const packing = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const [report] = JSON.parse(await step('npm', packing, staged));
    await step('tar', ['-xzf', join(folder, report.filename), '--no-same-owner'], folder);
    const root = join(folder, 'node_modules', 'wgrad');
    mkdirSync(join(folder, 'node_modules'));
    cpSync(join(folder, 'package'), root, { recursive: true });
    for (const name of ['package', 'staged']) rmSync(join(folder, name), { recursive: true });
    const modules = join(repository, 'node_modules');
    for (const name of readdirSync(modules)) {
      if (!name.startsWith('.') && name !== 'wgrad')
        symlinkSync(join(modules, name), join(folder, 'node_modules', name));
    }
    const files = report.files.map(({ path }: { path: string }) => path);
    return { folder, root, files, tarballBytes: report.size, unpackedBytes: report.unpackedSize, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** What `npm run build` leaves, and the other files that package.json names. */
async function build(staged: string): Promise<void> {
  const { files } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { files: string[] };
  mkdirSync(staged);
  for (const name of ['package.json', ...files.filter((file) => file !== 'dist')]) {
    cpSync(join(repository, name), join(staged, name), { recursive: true });
  }
  const dist = join(staged, 'dist');
  const compiler = join(repository, 'node_modules', '.bin', 'tsc');
  await step(compiler, ['-p', 'tsconfig.build.json', '--outDir', dist], repository);
  await step(process.execPath, ['--import', 'tsx', 'tools/packShaders.ts', dist], repository);
}

async function step(command: string, options: readonly string[], cwd: string): Promise<string> {
  try {
    return (await run(command, options, { cwd, maxBuffer: 2 ** 26 })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`package: ${[command, ...options].join(' ')}: ${message}\n${stdout}${stderr}`, { cause: error });
  }
}
