// Where wgrad keeps what it can make again: the unpacked SwiftShader and the driver's compiled shaders.
import { accessSync, constants, lstatSync, mkdirSync, mkdtempSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * The first of these that can be written to, created if need be: `$WGRAD_HOME`, `$XDG_CACHE_HOME/wgrad`,
 * `~/.cache/wgrad`, `node_modules/.cache/wgrad` below the current folder, `wgrad-<user id>` among the temporary files.
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { WGRAD_HOME, XDG_CACHE_HOME } = environment;
  const candidates = [
    ...(WGRAD_HOME ? [resolve(WGRAD_HOME)] : []),
    ...(XDG_CACHE_HOME ? [join(XDG_CACHE_HOME, 'wgrad')] : []),
    join(environment.HOME || homedir(), '.cache', 'wgrad'),
    resolve('node_modules', '.cache', 'wgrad'),
  ];
  return candidates.find(isWritable) ?? temporaryFolder();
}

/** Everybody may write there, and we load a library from it: a folder that somebody else made is not used. */
function temporaryFolder(): string {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `wgrad-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const status = lstatSync(folder);
  return status.isDirectory() && status.uid === uid ? folder : mkdtempSync(`${folder}-`);
}

function isWritable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
