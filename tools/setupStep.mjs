// A step of the setup: one line on the screen that shows the time going by, and the whole output when it fails.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, where steps run. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** A step that failed; its output has been printed already. */
export class StepError extends Error {}

/**
 * Returns `step` with two ways to report: `step.run(title, command, args, options)` runs a command to its end and
 * resolves to its stdout, or throws StepError; `step.say(text)` prints a line unless quiet.
 */
export function stepRunner({ quiet = false, output = process.stderr } = {}) {
  const say = (text) => quiet || output.write(`setup: ${text}\n`);

  async function run(title, command, args, { environment = process.env, timeoutSeconds = 900, show = true } = {}) {
    const started = Date.now();
    const clock = quiet || !show ? { stop() {} } : showClock(title, output);
    const child = spawn(command, args, { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const forgetChild = endWithSetup(child);
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutSeconds * 1000);
    let stdout = '';
    let everything = '';
    child.stdout.on('data', (text) => {
      stdout += text;
      everything += text;
    });
    child.stderr.on('data', (text) => {
      everything += text;
    });
    const [code, why] = await new Promise((resolve) => {
      child.on('error', (error) => resolve([1, error.message]));
      child.on('close', (status, signal) =>
        resolve([status ?? 1, signal ? `ended by ${signal}` : `exit code ${status}`]),
      );
    });
    clearTimeout(timer);
    forgetChild();
    const seconds = (Date.now() - started) / 1000;
    clock.stop(code === 0 ? `done (${seconds.toFixed(1)} s)` : 'failed');
    if (code === 0) return stdout;
    const late = seconds >= timeoutSeconds ? `, after the limit of ${timeoutSeconds} s` : '';
    const said = everything.trimEnd();
    if (show) output.write(`${said}\n`);
    throw new StepError(`${title}: ${command} ${args.join(' ')}: ${why}${late}${show ? '' : `\n${said}`}`);
  }

  return { run, say };
}

/** Ctrl-C during a step ends the step's command too, also where no terminal delivers the signal to it. */
function endWithSetup(child) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const end = (signal, number) => {
    child.kill(signal);
    process.exit(128 + number);
  };
  for (const signal of signals) process.once(signal, end);
  return () => {
    for (const signal of signals) process.off(signal, end);
  };
}

/** On a terminal the line counts seconds; elsewhere it gets a dot every five. */
function showClock(title, output) {
  const line = `setup: ${title} …`;
  output.write(line);
  const started = Date.now();
  const tick = () => {
    const seconds = Math.round((Date.now() - started) / 1000);
    output.write(output.isTTY ? `\r${line} ${seconds} s` : '.');
  };
  const timer = setInterval(tick, output.isTTY ? 1000 : 5000);
  return {
    stop(result) {
      clearInterval(timer);
      output.write(output.isTTY ? `\r${line} ${result}\n` : ` ${result}\n`);
    },
  };
}
