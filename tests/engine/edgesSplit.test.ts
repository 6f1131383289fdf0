// Index arithmetic where no machine of ours has the memory: launches are cut without it, up to 2^40 bytes.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bound, sliced, splitLaunch } from '../../engine/split.ts';
import { conv2d } from '../../kernels/conv2d/conv2d.ts';
import { type Axis, flatGrid, MOST_WORKGROUPS, spec } from '../../kernels/definition.ts';
import type { Shader } from '../../kernels/shader.ts';

const GiB = 2 ** 30;
const test = suite('cuts of very large tensors');
const shader = { label: 'test/forward', code: '', bindings: {}, params: {}, overrides: {} } as unknown as Shader;
const bound = (size: number, elementBytes = 4, offset = 0): Bound => ({
  buffer: {} as GPUBuffer,
  offset,
  size,
  elementBytes,
});

for (const bytes of [2 ** 31 - 4, 2 ** 31, 2 ** 32 - 4, 2 ** 32, 2 ** 32 + 4, 2 ** 36 + 12, 2 ** 40]) {
  for (const limit of [2 ** 27, 2 ** 31, 2 ** 32 - 4]) {
    test(`${bytes} bytes against a binding limit of ${limit}: pieces meet without gaps, aligned, none too large`, () => {
      for (const [elements, elementBytes] of [
        [1, 4],
        [3, 4],
        [1000, 4],
        [3, 2],
      ] as const) {
        const unit = elements * elementBytes;
        const extent = Math.floor(bytes / unit);
        const axes: Record<string, Axis> = { n: { extent, slices: { x: elements, y: elements } } };
        const whole = { x: bound(extent * unit, elementBytes), y: bound(extent * unit, elementBytes, 512) };
        const pieces = splitLaunch({ shader, axes }, whole, limit);
        let [units, end] = [0, 0];
        for (const piece of pieces) {
          const { x, y } = sliced(whole, axes, piece);
          assert.is(piece.n.start, units);
          assert.is(x.offset, end);
          assert.is(y.offset, end + 512);
          assert.is(x.offset % 256, 0);
          assert.ok(x.size <= limit && x.size > 0);
          assert.ok(Number.isSafeInteger(x.offset + x.size));
          assert.ok(piece.n.count * elements < 2 ** 31, 'indices within a piece fit i32');
          units += piece.n.count;
          end += piece.n.count * unit;
        }
        assert.is(units, extent);
        assert.is(end, extent * unit);
      }
    });
  }
}

test('two axes cut at once cover every pair of ranges once', () => {
  const axes: Record<string, Axis> = {
    rows: { extent: 40_000, slices: { x: 65_536, y: 65_536 } },
    columns: { extent: 7, slices: {}, most: 3 },
  };
  const whole = { x: bound(40_000 * 65_536 * 4), y: bound(40_000 * 65_536 * 4) };
  const pieces = splitLaunch({ shader, axes }, whole, GiB);
  const covered = pieces.reduce((sum, { rows, columns }) => sum + rows.count * columns.count, 0);
  assert.is(covered, 40_000 * 7);
  assert.ok(pieces.every(({ columns }) => columns.count <= 3));
});

test('a flat grid holds every thread of the largest binding within 65,535 workgroups a dimension', () => {
  for (const threads of [0, 1, MOST_WORKGROUPS * 64, MOST_WORKGROUPS * 64 + 1, GiB - 1]) {
    const [x, y = 1] = flatGrid(threads, 64);
    assert.ok(x <= MOST_WORKGROUPS && y <= MOST_WORKGROUPS);
    assert.ok(x * y * 64 >= threads);
    assert.ok(x * y * 64 < 2 ** 32, 'the index of the last thread fits u32');
  }
});

test('more than 65,535 groups of a convolution are refused at the door, 65,535 are not', () => {
  const inputs = (groups: number) => ({ x: spec([1, groups, 1, 1]), weight: spec([groups, 1, 1, 1]) });
  assert.equal(conv2d.infer(inputs(65535), { groups: 65535 }).y.shape, [1, 65535, 1, 1]);
  assert.throws(() => conv2d.infer(inputs(65536), { groups: 65536 }), /at most 65,535 groups, given 65536/);
});

test.run();
