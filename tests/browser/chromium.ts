// The headless Chromium inside the npm package @sparticuz/chromium, unpacked once into the cache folder and started
// with WebGPU on its SwiftShader. It needs nothing of the system but libc: libraries and fonts come with it.
import { spawnSync } from 'node:child_process';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { brotliDecompressSync, createBrotliDecompress } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';
import { cacheFolder } from '../../engine/node/cacheFolder.ts';

/** A host that is not this machine to the browser's eyes: pages from there are no secure context and lack WebGPU. */
export const insecureHost = 'insecure.test';

const flags = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  `--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`,
  '--no-proxy-server',
];

/** Lets pages be composed on SwiftShader too: else a WebGPU canvas is not shown, and its device is destroyed. */
const canvasFlags = ['--use-angle=swiftshader', '--use-vulkan=swiftshader', '--enable-features=Vulkan,VulkanFromANGLE'];

/**
 * Starts the Chromium that `WGRAD_CHROMIUM` names, else the packaged one.
 * @param options.showsCanvases whether pages render to canvases by WebGPU; slower for all else. Default false
 * @throws Error saying why no browser can be started
 */
export async function launchChromium({ showsCanvases = false } = {}): Promise<Browser> {
  const { WGRAD_CHROMIUM } = process.env;
  const executablePath = WGRAD_CHROMIUM || join(await unpackChromium(), 'chromium');
  const env = { ...process.env, ...(WGRAD_CHROMIUM ? {} : environmentOf(dirname(executablePath))) };
  const trial = spawnSync(executablePath, ['--version'], { encoding: 'utf8', env });
  if (trial.error || trial.status !== 0) {
    const reason = trial.error?.message ?? `exit code ${trial.status} ${trial.stderr.trim()}`;
    throw new Error(`browser: ${executablePath} does not start: ${reason}`);
  }
  const args = showsCanvases ? [...flags, ...canvasFlags] : flags;
  return chromium.launch({ executablePath, args, env: env as Record<string, string> });
}

/** What the packaged Chromium misses on this machine: its own libraries and fonts stand in. */
function environmentOf(folder: string): Record<string, string> {
  const environment: Record<string, string> = {};
  const trial = spawnSync(join(folder, 'chromium'), ['--version'], { encoding: 'utf8' });
  if (trial.stderr?.includes('error while loading shared libraries')) {
    const { LD_LIBRARY_PATH } = process.env;
    environment.LD_LIBRARY_PATH = [join(folder, 'lib'), LD_LIBRARY_PATH].filter(Boolean).join(':');
  }
  if (!existsSync('/etc/fonts/fonts.conf')) environment.FONTCONFIG_FILE = join(folder, 'wgrad-fonts.conf');
  return environment;
}

/** Safe when several processes do it at the same time: nobody sees a half-written folder. Returns the folder. */
async function unpackChromium(): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const here = `${process.platform} ${process.arch}`;
    throw new Error(`browser: the packaged Chromium is for linux x64, this is ${here}; name another in WGRAD_CHROMIUM`);
  }
  const { archives, version } = findPackage();
  const folder = join(cacheFolder(), `chromium-${version}`);
  if (existsSync(folder)) return folder;
  const fresh = mkdtempSync(join(cacheFolder(), 'unpacking-'));
  try {
    await pipeline(
      createReadStream(join(archives, 'chromium.br')),
      createBrotliDecompress(),
      createWriteStream(join(fresh, 'chromium'), { mode: 0o755 }),
    );
    // SwiftShader and its Vulkan loader are looked for beside the executable
    for (const name of ['swiftshader', 'al2023', 'fonts']) unpackTar(join(archives, `${name}.tar.br`), fresh);
    writeFileSync(join(fresh, 'wgrad-fonts.conf'), fontsConfiguration(join(folder, 'fonts')));
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(folder)) {
      throw new Error(`browser: cannot unpack ${archives} into ${folder}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
  return folder;
}

function unpackTar(archive: string, into: string): void {
  const input = brotliDecompressSync(readFileSync(archive), { maxOutputLength: 2 ** 27 });
  const { error, status, stderr } = spawnSync('tar', ['-x', '--no-same-owner', '-C', into], { input });
  if (error || status !== 0) throw new Error(`tar failed on ${archive}: ${error?.message ?? stderr}`);
}

// the packaged one names a folder that everybody may write to
function fontsConfiguration(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>${folder}</dir><cachedir>${folder}-cache</cachedir></fontconfig>
`;
}

function findPackage(): { archives: string; version: string } {
  try {
    const root = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..', '..');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { archives: join(root, 'bin'), version };
  } catch (error) {
    throw new Error('browser: the package that holds one is missing: npm install @sparticuz/chromium', {
      cause: error,
    });
  }
}
