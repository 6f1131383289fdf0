// The tables of augmentBlend against Pillow's own arithmetic in float32, for every level and every origin.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../datasets/random.ts';
import { blendTable } from '../../kernels/augmentBlend/blendTable.ts';

const test = suite('blend tables');
const factors = [0, 1, 0.5, 1.5, 0.1, 0.9, 1.9999999, 1e-3, 1e-5, 1e-7, 3e-8, 1e-30, 300, 1e30];

test('give what ImagingBlend gives, at every level and origin', () => {
  const random = new Random(1);
  for (const factor of [...factors, ...Array.from({ length: 40 }, () => random.uniform(0, 2.5))]) {
    const table = blendTable('saturation', factor);
    let differences = 0;
    for (let origin = 0; origin < 256; origin++) {
      for (let level = 0; level < 256; level++) {
        if (finished(origin, table[256 + level - origin]) !== blended(origin, level, factor)) differences++;
      }
    }
    assert.is(differences, 0, `factor ${factor}`);
  }
});

test('sums that float32 rounds up to an integer are among them', () => {
  // in float64 this is just below 200, and would be cut to 199
  assert.is(blended(200, 199, 1e-7), 200);
  assert.is(Math.trunc(200 - Math.fround(1e-7)), 199);
});

test('leave a sample alone where there is no factor', () => {
  assert.is(blendTable('contrast', null)[0], 0);
});
test.run();

/** ImagingBlend: float32 throughout, cut to 8 bits. */
function blended(origin: number, level: number, factor: number): number {
  const sum = Math.fround(origin + Math.fround(Math.fround(factor) * (level - origin)));
  return sum <= 0 ? 0 : sum >= 255 ? 255 : Math.trunc(sum);
}

/** What forward.wgsl makes of an entry. */
function finished(origin: number, entry: number): number {
  const whole = Math.max(origin + (entry >> 4) - 256, 0);
  const exponent = 31 - Math.clz32(whole);
  return Math.min(whole + (exponent >= (entry & 15) - 1 ? 1 : 0), 255);
}
