// float16 storage rewrites a shader's text: only what means the binding, and nothing by halves.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KernelError } from '../../kernels/errors.ts';
import { withHalfStorage } from '../../kernels/halfStorage.ts';
import { registry } from '../../kernels/registry.ts';
import { parseShader } from '../../kernels/shader.ts';

const test = suite('halfStorage');

const shaderOf = (body: string, type = 'f32') =>
  parseShader(
    'test/shader',
    `alias Element = ${type};
@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read_write> y: array<Element>;
@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) id: vec3u) {
${body}
}
`,
  );
const bodyOf = (body: string) => {
  const { code } = withHalfStorage(shaderOf(body), ['x', 'y'], 'native');
  return code
    .slice(code.indexOf('id: vec3u) {') + 12, code.indexOf('\n}\n'))
    .trim()
    .split('\n')
    .map((line) => line.trim());
};

test('reads and writes become calls, nested ones too', () => {
  assert.equal(bodyOf('y[id.x] = x[u32(x[id.y])] + 1;'), [
    'half_store_y(u32(id.x), half_load_x(u32(u32(half_load_x(u32(id.y))))) + 1);',
  ]);
});

test('a compound assignment reads what it writes', () => {
  assert.equal(bodyOf('y[id.x] -= x[0] * 2;'), [
    'half_store_y(u32(id.x), half_load_y(u32(id.x)) - (half_load_x(u32(0)) * 2));',
  ]);
});

test('comparisons are no assignments', () => {
  assert.equal(bodyOf('let isSame = y[0] == x[1];'), ['let isSame = half_load_y(u32(0)) == half_load_x(u32(1));']);
});

test('local names, parameters and members stay what they are', () => {
  const body = bodyOf('let x = x[0];\nvar a = array(x, x);\n{ var y = a; y[0] = a[1]; }\ny[1] = p.x[2] + x[0];');
  assert.equal(body, [
    'let x = half_load_x(u32(0));',
    'var a = array(x, x);',
    '{ var y = a; y[0] = a[1]; }',
    'half_store_y(u32(1), p.x[2] + x[0]);',
  ]);
  const { code } = withHalfStorage(
    parseShader(
      'test/f',
      'fn f(x: array<f32, 2>) -> f32 { return x[0]; }\n@group(0) @binding(0) var<storage, read> x: array<f32>;\nfn g() -> f32 { return x[0]; }',
    ),
    ['x'],
    'packed',
  );
  assert.match(code, 'fn f(x: array<f32, 2>) -> f32 { return x[0]; }');
  assert.match(code, 'fn g() -> f32 { return half_load_x(u32(0)); }');
});

test('a comment is no code', () => {
  assert.equal(bodyOf('y[0] = x[0]; // y[1] = x[1];\n/* y[2] = 1;\n y[3] = 1; */y[4] = 2;'), [
    'half_store_y(u32(0), half_load_x(u32(0)));',
    '',
    'half_store_y(u32(4), 2);',
  ]);
});

test('writing a part of a vector is refused, for the rest of it would have to be read back', () => {
  for (const body of ['y[0].x = 1;', 'y[id.x][2] += 1;']) {
    assert.throws(
      () => withHalfStorage(shaderOf(body, 'vec4f'), ['y'], 'packed'),
      (error: Error) => error instanceof KernelError && /a part of y\[…\] is assigned to/.test(error.message),
    );
  }
});

test('arrays that hold no floats are refused by name', () => {
  assert.throws(
    () => withHalfStorage(shaderOf('y[0] = x[0];', 'i32'), ['x'], 'packed'),
    /test\/shader: 'x' is an array of i32 and cannot hold float16/,
  );
});

test('bindings, Params and overrides of every kernel survive', () => {
  let rewritten = 0;
  for (const { operation } of registry) {
    for (const shader of operation.shaders) {
      const floats = Object.keys(shader.bindings).filter((name) => {
        const { type, access } = shader.bindings[name];
        return access !== 'uniform' && /^(f32|vec4f|Element|A|B|C)$/.test(type);
      });
      for (const form of ['native', 'packed'] as const) {
        let half: ReturnType<typeof withHalfStorage>;
        try {
          half = withHalfStorage(shader, floats, form);
        } catch (error) {
          assert.match((error as Error).message, /is an array of vec4u|is an array of \w*u32|of i32/);
          continue;
        }
        assert.equal(Object.keys(half.bindings), Object.keys(shader.bindings), shader.label);
        assert.equal(half.params, shader.params);
        assert.equal(half.overrides, shader.overrides);
        for (const name of floats) {
          assert.not.match(half.code, new RegExp(`var<storage[^>]*> ${name}: array<(f32|vec4f|Element)>`));
        }
        rewritten++;
      }
    }
  }
  assert.ok(rewritten > 150, `${rewritten} shaders`);
});

test.run();
