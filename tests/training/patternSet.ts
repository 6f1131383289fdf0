// Small colour images that a network can tell apart: stripes of one width and direction for each class, with noise.
import { type Dataset, Random } from '../../datasets/index.ts';

export function patternSet({
  count,
  size = 16,
  classes = 4,
  seed = 0,
}: {
  count: number;
  size?: number;
  classes?: number;
  seed?: number;
}): Dataset {
  const random = new Random(seed);
  const images = new Uint8Array(count * 3 * size * size);
  const labels = new Uint8Array(count);
  for (let i = 0, at = 0; i < count; i++) {
    const label = random.integer(classes);
    labels[i] = label;
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const place = label % 2 ? x : y;
          const isLit = Math.floor(place / (1 + (label >> 1))) % 2 === 0;
          images[at++] = (isLit ? 150 : 50) + random.integer(60) + 10 * c;
        }
      }
    }
  }
  const names = Array.from({ length: classes }, (_, i) => `pattern ${i}`);
  return {
    name: 'patterns',
    images,
    labels,
    count,
    shape: [3, size, size],
    classes: names,
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
  };
}
