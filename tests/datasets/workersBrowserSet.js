// Images of [2, 3, 1] that a web worker opens by their source; `damagedAt` is damaged.
import { FormatError } from '../../dist/kernels/errors.js';

export function greyImages(count, damagedAt = -1) {
  return {
    ...{ name: 'grey', count, classes: ['even', 'odd'], bad: [] },
    source: { module: import.meta.url, export: 'greyImages', args: [count, damagedAt] },
    async get(index) {
      if (index === damagedAt) throw new FormatError(`grey: image ${index} is damaged`);
      const data = Uint8Array.from({ length: 6 }, (_, i) => index * 6 + i);
      return { image: { width: 3, height: 2, channels: 1, data }, target: index % 2 };
    },
  };
}
