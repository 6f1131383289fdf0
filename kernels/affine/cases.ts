// The shapes and numbers of scale and shift that matter, each with its reason.
import { mapCases } from '../elementwise/mapCases.ts';
import type { AffineOptions } from './affine.ts';

export const cases = mapCases<AffineOptions>([{ scale: -0.5, shift: 3 }, { shift: 2 }, { scale: 3 }, {}]);
