// float16 storage for kernels that compute in float32: rewrites how a shader's text reads and writes some of its
// bindings. So every kernel, a user's own too, takes half precision without a second text, and sums stay float32.
import { KernelError } from './errors.ts';
import { parseShader, type Shader, withoutComments } from './shader.ts';

/**
 * `native`: arrays of f16, which wants the feature `shader-f16`. `packed`: two halves in a u32, on every adapter; a
 * number alone is written by two atomics, since its word's other half may be another thread's.
 */
export type HalfForm = 'native' | 'packed';

/**
 * The same shader with `names` of its storage bindings holding float16. Arrays of u32 and vec4u, of kernels that only
 * move numbers, take the halves' bits.
 * @throws KernelError where such a binding is no array of f32, vec2f, vec4f, u32 or vec4u, or parts of a vector are assigned to
 */
export function withHalfStorage(shader: Shader, names: readonly string[], form: HalfForm): Shader {
  const code = withoutComments(shader.code);
  let text = rewriteAccesses(code, { label: shader.label, names: new Set(names) });
  let isRounded = false;
  for (const name of names) {
    const [type, isWritten] = [elementType(shader, code, name), shader.bindings[name].access === 'read_write'];
    const isNative = form === 'native' && isFloat(type);
    const { element, load, store } = isNative ? native(name, type) : packed(name, type, isWritten);
    text = redeclare(text, name, element);
    text += `\nfn half_load_${name}(i: u32) -> ${type} {\n  return ${load};\n}\n`;
    if (isWritten) text += `\nfn half_store_${name}(i: u32, value: ${type}) {\n  ${store}\n}\n`;
    isRounded ||= store.includes('half_bits');
  }
  if (isRounded) text += ROUNDING;
  return parseShader(shader.label, text.includes('f16>') ? `enable f16;\n${text}` : text);
}

/** What an array holds, for the kernel that reads it. */
type ElementType = FloatType | 'u32' | 'vec4u';
type FloatType = 'f32' | 'vec2f' | 'vec4f';

const FLOATS: Readonly<Record<string, FloatType>> = {
  ...{ f32: 'f32', vec2f: 'vec2f', vec4f: 'vec4f', 'vec2<f32>': 'vec2f', 'vec4<f32>': 'vec4f' },
};

interface Access {
  /** What it holds in truth. */
  readonly element: string;
  /** An expression of element i. */
  readonly load: string;
  /** Statements that write `value` to element i. */
  readonly store: string;
}

function elementType({ label, bindings }: Shader, code: string, name: string): ElementType {
  const { type } = bindings[name];
  const resolved = new RegExp(`^alias ${type}\\s*=\\s*([\\w<>]+);`, 'm').exec(code)?.[1] ?? type;
  const float = FLOATS[resolved];
  if (float) return float;
  if (resolved === 'u32' || resolved === 'vec4u') return resolved;
  throw new KernelError(
    `${label}: '${name}' is an array of ${resolved} and cannot hold float16; f32, vec2f, vec4f, u32 and vec4u can`,
  );
}

function isFloat(type: ElementType): type is FloatType {
  return type in FLOATS;
}

function redeclare(code: string, name: string, element: string): string {
  const declaration = new RegExp(`(var<\\s*storage[^>]*>\\s*${name}\\s*:\\s*array<)[^;]+;`);
  return code.replace(declaration, (_, start) => `${start}${element}>;`);
}

function native(name: string, type: FloatType): Access {
  const element = { f32: 'f16', vec2f: 'vec2<f16>', vec4f: 'vec4<f16>' }[type];
  return { element, load: `${type}(${name}[i])`, store: `${name}[i] = ${element}(value);` };
}

function packed(name: string, type: ElementType, isWritten: boolean): Access {
  if (type === 'vec4f') {
    return {
      element: 'vec2u',
      load: `vec4f(unpack2x16float(${name}[i].x), unpack2x16float(${name}[i].y))`,
      store: `let bits = half_bits(value);\n  ${name}[i] = bits.xz | (bits.yw << vec2u(16u));`,
    };
  }
  if (type === 'vec4u') {
    return {
      element: 'vec2u',
      load: `vec4u(${name}[i].x, ${name}[i].x >> 16u, ${name}[i].y, ${name}[i].y >> 16u) & vec4u(0xffffu)`,
      store: `${name}[i] = value.xz | (value.yw << vec2u(16u));`,
    };
  }
  if (type === 'vec2f') {
    return {
      element: 'u32',
      load: `unpack2x16float(${name}[i])`,
      store: `let bits = half_bits(value.xyxy);\n  ${name}[i] = bits.x | (bits.y << 16u);`,
    };
  }
  const word = isWritten ? `atomicLoad(&${name}[i >> 1u])` : `${name}[i >> 1u]`;
  const bits = `(${word} >> (16u * (i & 1u)))`;
  return {
    element: isWritten ? 'atomic<u32>' : 'u32',
    load: type === 'u32' ? `${bits} & 0xffffu` : `unpack2x16float(${bits}).x`,
    store: `let shift = 16u * (i & 1u);
  atomicAnd(&${name}[i >> 1u], ~(0xffffu << shift));
  atomicOr(&${name}[i >> 1u], ${type === 'u32' ? 'value' : 'half_bits(vec4f(value)).x'} << shift);`,
  };
}

/** To nearest, ties to even, subnormals kept: pack2x16float may round either way. */
const ROUNDING = `
fn half_bits(value: vec4f) -> vec4u {
  let bits = bitcast<vec4u>(value);
  let sign = (bits >> vec4u(16u)) & vec4u(0x8000u);
  let magnitude = bits & vec4u(0x7fffffffu);
  let normal = (magnitude - vec4u(0x37fff001u) + ((magnitude >> vec4u(13u)) & vec4u(1u))) >> vec4u(13u);
  // next to 0.5 a float32's last place is that of float16's subnormals
  let subnormal = bitcast<vec4u>(bitcast<vec4f>(magnitude) + vec4f(0.5)) - vec4u(0x3f000000u);
  let finite = select(normal, subnormal, magnitude < vec4u(0x38800000u));
  let infinite = select(vec4u(0x7c00u), vec4u(0x7e00u), magnitude > vec4u(0x7f800000u));
  return sign | select(finite, infinite, magnitude >= vec4u(0x477ff000u));
}
`;

interface Rewriting {
  readonly label: string;
  readonly names: ReadonlySet<string>;
}

/** `x[i]` becomes a call, except where a parameter or local variable has the binding's name. */
function rewriteAccesses(code: string, rewriting: Rewriting): string {
  const scopes: Scope[] = [new Map()];
  return rewriteRange(code, { from: 0, to: code.length }, rewriting, scopes);
}

/** Names declared in a block, each with the place from which on it holds. */
type Scope = Map<string, number>;

interface Span {
  readonly from: number;
  readonly to: number;
}

function rewriteRange(code: string, { from, to }: Span, rewriting: Rewriting, scopes: Scope[]): string {
  const { names } = rewriting;
  const token = /\b[A-Za-z_]\w*|[{}]/g;
  token.lastIndex = from;
  let [result, copied] = ['', from];
  let parameters: Scope = new Map();
  for (let match = token.exec(code); match && match.index < to; match = token.exec(code)) {
    const [[text], at] = [match, match.index];
    if (text === '{') {
      scopes.push(parameters);
      parameters = new Map();
    } else if (text === '}') scopes.pop();
    else if (text === 'fn') {
      const header = code.slice(at, code.indexOf('{', at));
      for (const [, name] of header.matchAll(/(\w+)\s*:/g)) parameters.set(name, at);
    } else if (scopes.length > 1 && /^(let|var|const)$/.test(text)) {
      const name = /^\w+\s*(?:<[^>]*>)?\s*(\w+)/.exec(code.slice(at, at + 200))?.[1];
      if (name) scopes.at(-1)!.set(name, code.indexOf(';', at)); // its initialiser still means the outer one
    } else if (names.has(text) && code[at - 1] !== '.' && !scopes.some((scope) => scope.get(text)! < at)) {
      const open = /^\s*\[/.exec(code.slice(at + text.length))?.[0];
      if (!open) continue;
      const access = accessAt(code, { name: text, open: at + text.length + open.length - 1 }, rewriting, scopes);
      result += code.slice(copied, at) + access.text;
      copied = access.end;
      token.lastIndex = access.end;
    }
  }
  return result + code.slice(copied, to);
}

/** The call in place of `name[…]`, or of the whole assignment to it. */
function accessAt(
  code: string,
  { name, open }: { name: string; open: number },
  rewriting: Rewriting,
  scopes: Scope[],
): { text: string; end: number } {
  const close = closing(code, open);
  const inside = (from: number, to: number) => rewriteRange(code, { from, to }, rewriting, scopes);
  const index = `u32(${inside(open + 1, close)})`;
  const rest = code.slice(close + 1);
  const assigned = /^\s*([-+*/]?)=(?!=)/.exec(rest);
  if (!assigned) {
    if (/^\s*(\.\w+|\[[^\]]*\])+\s*[-+*/]?=(?!=)/.test(rest)) {
      throw new KernelError(
        `${rewriting.label}: a part of ${name}[…] is assigned to; float16 storage needs whole elements written`,
      );
    }
    return { text: `half_load_${name}(${index})`, end: close + 1 };
  }
  const start = close + 1 + assigned[0].length;
  const end = code.indexOf(';', start);
  const value = inside(start, end).trim();
  const stored = assigned[1] ? `half_load_${name}(${index}) ${assigned[1]} (${value})` : value;
  return { text: `half_store_${name}(${index}, ${stored})`, end };
}

function closing(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === '[') depth++;
    else if (code[at] === ']' && --depth === 0) return at;
  }
  return code.length;
}
