// The comments and the indentation of kernels, which the package keeps in the .wgsl files alone.
import { existsSync, readFileSync } from 'node:fs';
import { withoutComments } from '../kernels/shader.ts';

/** @param code of linked files, each below a line `// ---- room/file`, as `link` leaves it */
export function withComments(code: string): string {
  let file: string[] = [];
  let at = 0;
  const lines = code.split('\n').map((line) => {
    const label = /^\/\/ ---- ([\w.]+\/[\w.]+)$/.exec(line)?.[1];
    if (label) {
      file = linesOf(label);
      at = 0;
      return line;
    }
    const whole = file[at++] ?? '';
    const comment = whole.slice(withoutComments(whole).trimEnd().length);
    const indented = line && !/^\s/.test(line) ? `${/^ */.exec(whole)![0]}${line}` : line;
    return line.includes('//') || !comment.includes('//') ? indented : indented + comment;
  });
  return lines.join('\n');
}

function linesOf(label: string): string[] {
  const url = new URL(`../kernels/${label}.wgsl`, import.meta.url);
  return existsSync(url) ? readFileSync(url, 'utf8').split('\n') : [];
}
