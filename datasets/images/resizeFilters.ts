// The filters of Pillow's ImagingResample, in its arithmetic
// (https://github.com/python-pillow/Pillow/blob/9.4.0/src/libImaging/Resample.c).

/** One filter: its half width in pixels of the coarser side, and its value at a distance from the centre. */
export interface ResizeFilter {
  readonly support: number;
  readonly valueAt: (distance: number) => number;
}

/** By PIL's name in small letters. */
export const resizeFilters = {
  box: { support: 0.5, valueAt: box },
  bilinear: { support: 1, valueAt: triangle },
  hamming: { support: 1, valueAt: hamming },
  bicubic: { support: 2, valueAt: bicubic },
  lanczos: { support: 3, valueAt: lanczos },
} as const satisfies Record<string, ResizeFilter>;

function box(x: number): number {
  return x > -0.5 && x <= 0.5 ? 1 : 0;
}

function triangle(x: number): number {
  return Math.max(1 - Math.abs(x), 0);
}

// single precision in Pillow's source
const HAMMING_MEAN = Math.fround(0.54);
const HAMMING_SWING = Math.fround(0.46);

function hamming(x: number): number {
  if (Math.abs(x) >= 1) return 0;
  return sinc(Math.abs(x)) * (HAMMING_MEAN + HAMMING_SWING * Math.cos(Math.abs(x) * Math.PI));
}

/** Keys' cubic with a = -0.5. */
function bicubic(signed: number): number {
  const a = -0.5;
  const x = Math.abs(signed);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

function lanczos(x: number): number {
  return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}
