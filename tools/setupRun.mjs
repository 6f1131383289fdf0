// Runs the command the setup was made for, as if it had been started directly: its terminal, its signals, its code.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { root } from './setupStep.mjs';

/** Resolves to the exit code: the command's own, 128 + n when signal n ended it, 127 when it cannot be started. */
export function runCommand([command, ...args], environment) {
  const path = [join(root, 'node_modules', '.bin'), environment.PATH ?? process.env.PATH]
    .filter(Boolean)
    .join(delimiter);
  const child = spawn(command, args, { stdio: 'inherit', env: { ...environment, PATH: path } });

  // A terminal sends Ctrl-C and its own closing to every process in front, so the child has had them already: passing
  // them on would deliver them twice. Elsewhere only we have them.
  const hasTerminal = canOpen('/dev/tty');
  const handlers = {
    SIGINT: () => hasTerminal || child.kill('SIGINT'),
    SIGHUP: () => hasTerminal || child.kill('SIGHUP'),
    SIGTERM: () => child.kill('SIGTERM'),
  };
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);

  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`setup: cannot start ${command}: ${error.message}`);
      resolve(127);
    });
    child.on('exit', (code, signal) => {
      for (const [name, handler] of Object.entries(handlers)) process.off(name, handler);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

function canOpen(path) {
  try {
    closeSync(openSync(path, 'r'));
    return true;
  } catch {
    return false;
  }
}
