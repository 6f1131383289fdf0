// A shader is WGSL text with what TypeScript must know of it: bindings, Params, overrides. The text is the source of
// truth: this parser reads it, at build time for our own files (tools/generateWgsl.ts) and at run time for users'.
import { KernelError } from './errors.ts';

export type Scalar = 'u32' | 'i32' | 'f32';
export type Access = 'read' | 'read_write' | 'uniform';

export interface Binding {
  readonly binding: number;
  readonly access: Access;
  /** Element type of a storage array (`f32`, `vec4f`, `u32`), or the uniform's struct name. */
  readonly type: string;
}

export interface Shader {
  /** Room and file: `maxPool2d/forward`. The same in errors, profiler, bench and tests. */
  readonly label: string;
  readonly code: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  /** Fields of `struct Params`, in order; scalars only, so the layout is four bytes a field. */
  readonly params: Readonly<Record<string, Scalar>>;
  /** Pipeline-overridable constants and their defaults. */
  readonly overrides: Readonly<Record<string, number>>;
}

export type ParamsOf<S extends Shader> = Readonly<Record<keyof S['params'] & string, number>>;

/**
 * Parses one WGSL file (or a user's own text) into a `Shader`.
 * @throws KernelError when a storage binding is not a runtime-sized array or `Params` holds more than scalars
 */
export function parseShader(label: string, code: string): Shader {
  const source = withoutComments(code);
  return {
    label,
    code,
    bindings: bindingsOf(label, source),
    params: paramsOf(label, source),
    overrides: overridesOf(source),
  };
}

/**
 * Links WGSL files into one shader by concatenation: a core calls functions that an operand file defines.
 * Each name and binding number may be declared once. `replace` sets the initialiser of a top-of-file
 * `const NAME = 4u;` (register tiles, which WGSL does not let an override size) or `alias Name = f32;` (scalar or vec4).
 * @throws KernelError when two files declare the same binding, or there is no such const or alias
 */
export function link(
  label: string,
  files: readonly Shader[],
  replace: Readonly<Record<string, number | string>> = {},
): Shader {
  let code = files.map((file) => `// ---- ${file.label}\n${file.code.trimEnd()}\n`).join('\n');
  // `enable` directives must precede everything else in WGSL
  const enables = new Set([...code.matchAll(/^enable [\w, ]+;$/gm)].map((match) => match[0]));
  code = [...enables, code.replace(/^enable [\w, ]+;$/gm, '')].join('\n');
  for (const [name, value] of Object.entries(replace)) {
    const declaration = new RegExp(`^((?:const|alias) ${name}(?:\\s*:\\s*\\w+)?\\s*=\\s*)(\\w+?)(u?);`, 'm');
    if (!declaration.test(code)) throw new KernelError(`${label}: no top-of-file 'const' or 'alias' ${name} to set`);
    code = code.replace(
      declaration,
      (_, start, __, unsigned) => `${start}${value}${typeof value === 'number' ? unsigned : ''};`,
    );
  }
  return parseShader(label, code);
}

/** Same lines, no comments. */
export function withoutComments(code: string): string {
  return code.replace(/\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''));
}

function bindingsOf(label: string, source: string): Record<string, Binding> {
  const bindings: Record<string, Binding> = {};
  const pattern =
    /(?:@group\(0\)\s*@binding\((\d+)\)|@binding\((\d+)\)\s*@group\(0\))\s*var<\s*(uniform|storage(?:\s*,\s*(read|read_write))?)\s*>\s*(\w+)\s*:\s*([^;]+);/g;
  for (const [, after, before, space, access, name, type] of source.matchAll(pattern)) {
    const number = after ?? before;
    const element = /^array<\s*(.+?)\s*>$/.exec(type.trim())?.[1];
    if (space !== 'uniform' && !element) {
      throw new KernelError(`${label}: storage binding '${name}' has type ${type}; a runtime-sized array is expected`);
    }
    const taken = Object.entries(bindings).find(([other, { binding }]) => other === name || binding === Number(number));
    if (taken) throw new KernelError(`${label}: binding ${number} '${name}' clashes with '${taken[0]}'`);
    bindings[name] = {
      binding: Number(number),
      access: space === 'uniform' ? 'uniform' : ((access ?? 'read') as Access),
      type: element ?? type.trim(),
    };
  }
  return bindings;
}

function paramsOf(label: string, source: string): Record<string, Scalar> {
  const body = /struct\s+Params\s*\{([^}]*)\}/.exec(source)?.[1];
  if (body === undefined) return {};
  const fields: Record<string, Scalar> = {};
  for (const field of body
    .split(',')
    .map((text) => text.trim())
    .filter(Boolean)) {
    const [, name, type] = /^(\w+)\s*:\s*(u32|i32|f32)$/.exec(field) ?? [];
    if (!name) throw new KernelError(`${label}: Params field '${field}' is not a u32, i32 or f32 scalar`);
    fields[name] = type as Scalar;
  }
  if (Object.keys(fields).length > 64) throw new KernelError(`${label}: Params has more than 64 fields (256 bytes)`);
  return fields;
}

function overridesOf(source: string): Record<string, number> {
  const pattern = /override\s+(\w+)\s*(?::\s*\w+)?\s*=\s*(-?[\d.]+)[uif]?\s*;/g;
  return Object.fromEntries([...source.matchAll(pattern)].map(([, name, value]) => [name, Number(value)]));
}
