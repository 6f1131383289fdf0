// What PIL and torchvision made of the pictures in tests/fixtures/images/, and comparison with it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Image, Preprocessing } from '../../datasets/index.ts';

export interface Described {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** The first 16 digits. */
  readonly sha256: string;
  /** Only where there are few. */
  readonly data?: readonly number[];
}

export interface DescribedTensor {
  readonly shape: readonly number[];
  readonly sha256: string;
  readonly sum: number;
}

type Size = number | [number, number];

interface Made {
  readonly from: readonly [height: number, width: number, channels: 1 | 3];
  readonly seed: number;
}

export interface ImageFixtures {
  readonly png: Readonly<Record<string, Described>>;
  readonly jpeg: Readonly<Record<string, Described>>;
  readonly oriented: Readonly<Record<string, { readonly stored: Described; readonly upright: Described }>>;
  readonly webp: Described;
  readonly resize: readonly (Made & { readonly size: Size; readonly resized: Described })[];
  readonly crop: readonly (Made & { readonly size: Size; readonly cropped: Described })[];
  readonly preprocessings: Readonly<Record<string, Preprocessing>>;
  readonly preprocessed: readonly (Made & DescribedTensor & { readonly preprocessing: string })[];
  readonly photographs: Readonly<Record<string, { readonly decoded: Described; readonly imagenet: DescribedTensor }>>;
}

const fixtures = join(import.meta.dirname, '..', 'fixtures');

export const imageFixtures: ImageFixtures = JSON.parse(readFileSync(join(fixtures, 'images.json'), 'utf8'));

export function imagePath(name: string): string {
  return join(fixtures, 'images', name);
}

export function imageBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(imagePath(name)));
}

export function assertImage(actual: Image, expected: Described, what: string): void {
  const { width, height, channels, data } = actual;
  assert.equal([width, height, channels], [expected.width, expected.height, expected.channels], `${what}: size`);
  if (expected.data) assert.equal([...data], expected.data, what);
  assert.is(shortHash(data), expected.sha256, `${what}: values differ`);
}

export function assertTensor(
  { data, shape }: { data: Float32Array; shape: readonly number[] },
  expected: DescribedTensor,
  what: string,
): void {
  assert.equal(shape, expected.shape, `${what}: shape`);
  const sum = data.reduce((total, value) => total + value, 0);
  assert.is(shortHash(data), expected.sha256, `${what}: values differ; their sum is ${sum}, expected ${expected.sum}`);
}

function shortHash(data: Uint8Array | Float32Array): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}
