// `wgrad kernel show`
import { registry } from '../kernels/registry.ts';
import type { Shader } from '../kernels/shader.ts';
import { suggestion } from '../models/suggestion.ts';
import { UsageError } from './usageError.ts';
import { withComments } from './withComments.ts';

/** WGSL goes to stdout, remarks to stderr, so that the output can be piped into a tool. */
export function kernelShow(name: string, { variant }: { variant?: string }): void {
  const forms = formsOf(name);
  const shown = variant === undefined ? forms[0] : formOf(forms, variant);
  console.log(`// ${shown.label}\n${withComments(shown.code).trimEnd()}`);
  const others = forms.filter((form) => form !== shown).map((form) => formName(form));
  if (others.length) console.error(`other variants (--variant): ${others.map((other) => other || 'plain').join(', ')}`);
}

/** The shader of that label, plainest form first. @throws UsageError */
function formsOf(name: string): Shader[] {
  const all = new Map(registry.flatMap(({ operation }) => operation.shaders.map((shader) => [shader.label, shader])));
  const exact = all.get(name);
  const forms = [...all.values()].filter(({ label }) => label.startsWith(`${name} `));
  if (exact) return [exact, ...forms];
  if (forms.length) return forms;
  const room = registry.find(({ operation }) => operation.name === name.split('/')[0]);
  const files = [...new Set((room?.operation.shaders.map(({ label }) => label) ?? [...all.keys()]).map(fileName))];
  const rest = room ? `; ${room.operation.name} has ${files.join(', ')}` : '; `wgrad kernel list` names them all';
  throw new UsageError(`there is no kernel '${name}'${suggestion(name, files) || rest}`);
}

function formOf(forms: readonly Shader[], variant: string): Shader {
  const wanted = variant === 'plain' ? '' : variant;
  const found =
    forms.find((form) => formName(form) === wanted) ??
    forms.find((form) => wanted && formName(form).split(' ').includes(wanted));
  if (found) return found;
  const names = forms.map((form) => formName(form) || 'plain');
  throw new UsageError(`${forms[0].label} has no variant '${variant}'; there is ${names.join(', ')}`);
}

/** `conv2d/forward` of `conv2d/forward vec4 wide`. */
function fileName(label: string): string {
  return label.split(' ')[0];
}

/** What follows the file in a label: `vec4 wide` of `conv2d/forward vec4 wide`. */
function formName({ label }: Shader): string {
  return label.split(' ').slice(1).join(' ');
}
