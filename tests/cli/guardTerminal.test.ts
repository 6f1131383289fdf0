// What steers a terminal and comes from names in files must not reach it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { guardTerminal, writeUnguarded } from '../../cli/guardTerminal.ts';
import { ProgressBar } from '../../training/report/progressBar.ts';
import { runWgrad } from './runWgrad.ts';

const test = suite('guardTerminal');
const folder = mkdtempSync(join(tmpdir(), 'wgrad-'));
test.after(() => rmSync(folder, { recursive: true }));

/** Clears the screen, colours, moves the cursor, sets the title, and the same by the one-byte code of CSI. */
const EVIL = '\x1b[2J\x1b[31m\r\x1b]0;title\x07\b\x9b2J';
const TAMED = '?[2J?[31m??]0;title???2J';

class Terminal {
  text = '';
  readonly isTTY = true;

  write(chunk: string | Uint8Array): boolean {
    this.text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  }
}

function guarded(): Terminal {
  const terminal = new Terminal();
  guardTerminal(terminal);
  return terminal;
}

test('control characters become question marks; lines, tabs and every letter stay', () => {
  const terminal = guarded();
  terminal.write(`${EVIL}\n\tnäme 🐕 \u2713\n`);
  assert.is(terminal.text, `${TAMED}\n\tnäme 🐕 \u2713\n`);
});

test('bytes are tamed as text is, wherever they are cut', () => {
  const bytes = Buffer.from(`${EVIL}ä🐕\n\t`);
  const terminal = guarded();
  terminal.write(bytes);
  // of U+009B the second byte alone steers a terminal
  assert.is(terminal.text, `${TAMED.replace(/\?2J$/, '\ufffd?2J')}ä🐕\n\t`);
  assert.ok(bytes.equals(Buffer.from(`${EVIL}ä🐕\n\t`)), 'the bytes given stay as they are');
});

test('a progress bar is redrawn in its place, whatever it is labelled', () => {
  const terminal = guarded();
  new ProgressBar({ stream: terminal, total: 2, label: EVIL }).update(1);
  assert.ok(terminal.text.startsWith(`\r${TAMED}`) && terminal.text.endsWith('\x1b[K'), terminal.text);
  assert.not.match(terminal.text.slice(1, -3), /\p{Cc}/u);
});

test('a line that looks like a progress bar is none', () => {
  const terminal = guarded();
  terminal.write('\rall is well\x1b[K\n');
  assert.is(terminal.text, '?all is well?[K\n');
});

test('pictures keep their colours', () => {
  const terminal = guarded();
  writeUnguarded(terminal, '\x1b[31m▀\x1b[0m');
  assert.is(terminal.text, '\x1b[31m▀\x1b[0m');
});

test('arguments, file names and class names reach no terminal raw, on stdout nor on stderr', async () => {
  const png = Buffer.from('no picture');
  for (const path of [`train/${EVIL}/1.png`, 'test/b/1.png', `${EVIL}.json`, `broken/train/a${EVIL}/1.png`]) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), path.endsWith('.png') ? png : '{');
  }
  mkdirSync(join(folder, `broken/test/a${EVIL}`), { recursive: true });
  const finetune = ['finetune', 'squeezenet1_1', '--weights', 'none', '--dataset', 'imagefolder', '--data'];
  const commands: [args: string[], told: string][] = [
    [['summary', EVIL], `there is no model '${TAMED}'`],
    [['summary', `--${EVIL}`], `unknown option '--${TAMED}'`],
    [['inspect', `${EVIL}.json`], `${TAMED}.json`],
    [[...finetune, folder], `only one has ${TAMED}, b`],
    [[...finetune, join(folder, 'broken')], `for the classes a${TAMED}`],
    [['draw', 'coco', '--data', EVIL, '--out', 'x.png'], TAMED],
  ];
  for (const [args, told] of commands) {
    const { code, stdout, stderr } = await runWgrad(args, { cwd: folder });
    assert.is(code, 2, stderr);
    assert.ok(stderr.includes(told), `${args.join(' ')}: ${stderr}`);
    assert.not.match(stdout + stderr, /[^\P{Cc}\n\t]/u);
  }
});

test.run();
