// What Dawn needs of Vulkan on Linux before it can see an adapter: the loader, the drivers' manifests, and a few
// environment variables of Mesa.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { cacheFolder } from './cacheFolder.ts';
import { unpackSwiftShader } from './swiftshader.ts';

/** Where a process gets `libvulkan.so.1` from; `null` when it has none. */
export type Loader = 'system' | { unpackedIn: string } | null;

/**
 * Makes sure Dawn finds a Vulkan loader in this process: the system's, else the one in SwiftShader's package.
 *
 * Dawn opens the library by its bare name, and `LD_LIBRARY_PATH` is read only when a process starts. But a library
 * that is already loaded is found by that name, so loading it first is enough.
 */
export function provideLoader(): Loader {
  if (process.platform !== 'linux') return 'system';
  if (canLoad('libvulkan.so.1', constants.dlopen.RTLD_LAZY)) return 'system';
  try {
    const { loader } = unpackSwiftShader();
    // RTLD_NODELETE, which node:os does not name: Node closes a library that is no addon, this keeps it loaded
    return canLoad(loader, constants.dlopen.RTLD_LAZY | 0x1000) ? { unpackedIn: dirname(loader) } : null;
  } catch {
    return null;
  }
}

function canLoad(library: string, flags: number): boolean {
  try {
    process.dlopen({ exports: {} }, library, flags);
    return true;
  } catch (error) {
    // loaded, but of course no Node addon
    return (error as Error).message.includes('did not self-register');
  }
}

/**
 * Sets what Mesa's drivers expect and a bare machine lacks: `XDG_RUNTIME_DIR` (they complain on every start) and
 * `MESA_SHADER_CACHE_DIR` (where the home folder cannot be written to, every run would compile again). Variables
 * that are set stay as they are.
 */
export function mesaEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const wanted = { XDG_RUNTIME_DIR: 'runtime', MESA_SHADER_CACHE_DIR: 'mesa' };
  const missing = Object.entries(wanted).filter(([name]) => !environment[name]);
  if (process.platform !== 'linux' || missing.length === 0) return {};
  const cache = cacheFolder(environment);
  return Object.fromEntries(
    missing.map(([name, folder]) => {
      mkdirSync(join(cache, folder), { recursive: true, mode: 0o700 });
      return [name, join(cache, folder)];
    }),
  );
}

/** The variables that make the loader see this driver and no other. The first name is the old one. */
export function onlyDriver(manifest: string): Record<string, string> {
  return { VK_ICD_FILENAMES: manifest, VK_DRIVER_FILES: manifest };
}

/** The manifests that the Vulkan loader reads, in its order; those named by a variable hide the system's. */
export function driverManifests(environment: NodeJS.ProcessEnv = process.env): string[] {
  const named = environment.VK_DRIVER_FILES || environment.VK_ICD_FILENAMES;
  if (named) return named.split(delimiter).flatMap((path) => (path.endsWith('.json') ? [path] : manifestsIn(path)));
  return ['/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/usr/share/vulkan/icd.d'].flatMap(manifestsIn);
}

function manifestsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => join(folder, name));
}
