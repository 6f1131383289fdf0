// SwiftShader, the CPU implementation of Vulkan that needs nothing of the system: it comes inside the npm package
// @sparticuz/chromium as a compressed archive holding the driver and a Vulkan loader.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { AdapterError } from '../../kernels/errors.ts';
import { cacheFolder } from './cacheFolder.ts';

export interface SwiftShader {
  /** The manifest that `VK_DRIVER_FILES` names. */
  driver: string;
  /** The Vulkan loader, `libvulkan.so.1`, for systems without one. */
  loader: string;
}

// 15 MB in today's package; an archive that unpacks to far more is not ours
const maxArchiveBytes = 128 * 2 ** 20;
const STALE_MS = 3600 * 1000;

/**
 * Unpacks SwiftShader into the cache folder, once per version of the package, and says where it lies.
 * Safe when several processes do it at the same time.
 *
 * @throws AdapterError where it cannot be had: another platform than Linux x64, package missing, disk full.
 */
export function unpackSwiftShader(): SwiftShader {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new AdapterError(
      `SwiftShader: the packaged one is for linux x64, this is ${process.platform} ${process.arch}`,
    );
  }
  const { archive, version } = findPackage();
  const parent = cacheFolder();
  const folder = join(parent, `swiftshader-${version}`);
  const unpacked = { driver: join(folder, 'vk_swiftshader_icd.json'), loader: join(folder, 'libvulkan.so.1') };
  if (existsSync(unpacked.driver) && existsSync(unpacked.loader)) return unpacked;

  // under a name of its own first: nobody ever sees a half-written folder
  removeStale(parent);
  const fresh = mkdtempSync(join(parent, 'unpacking-'));
  try {
    const tar = brotliDecompressSync(readFileSync(archive), { maxOutputLength: maxArchiveBytes });
    const names = ['vk_swiftshader_icd.json', 'libvk_swiftshader.so', 'libvulkan.so.1'];
    const { error, status, stderr } = spawnSync('tar', ['-x', '--no-same-owner', '-C', fresh, ...names], {
      input: tar,
    });
    if (error || status !== 0) throw new AdapterError(`SwiftShader: tar failed: ${error?.message ?? stderr}`);
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // another process was quicker: its folder is as good as ours
    if (existsSync(unpacked.driver) && existsSync(unpacked.loader)) return unpacked;
    throw new AdapterError(`SwiftShader: cannot unpack ${archive} into ${parent}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return unpacked;
}

/** What processes left that were killed while they unpacked, which takes a second. */
function removeStale(parent: string): void {
  for (const name of readdirSync(parent).filter((each) => /^unpacking-\w{6}$/.test(each))) {
    const age = Date.now() - (statSync(join(parent, name), { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > STALE_MS) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function findPackage(): { archive: string; version: string } {
  try {
    const root = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..', '..');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { archive: join(root, 'bin', 'swiftshader.tar.br'), version };
  } catch (error) {
    throw new AdapterError('SwiftShader: the package that holds it is missing: npm install @sparticuz/chromium', {
      cause: error,
    });
  }
}
