// Mixup: images and losses of two samples mixed. Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018,
// https://arxiv.org/abs/1710.09412
import type { Random } from '../../datasets/random.ts';
import { sampleRandom } from '../../datasets/transforms/sampleRandom.ts';

/** How the images of one batch are mixed with others of it. */
export interface Mix {
  /** Share of an image itself: 0 … 1. */
  readonly share: number;
  /** Place in the batch of the image that each is mixed with: [n]. */
  readonly partners: Uint32Array;
  /** share · x[i] + (1 - share) · x[partners[i]]. */
  images(x: Float32Array): Float32Array;
}

/** The samples of an epoch have the streams from 0 up; batches have those from here down. */
const LAST_STREAM = 2 ** 32 - 1;

/** @param alpha of the Beta distribution that the share is drawn from, above 0: 0.2 mixes little, 1 uniformly */
export function drawMix(
  alpha: number,
  { seed, epoch, batch, n }: Record<'seed' | 'epoch' | 'batch' | 'n', number>,
): Mix {
  const random = sampleRandom(seed, epoch, LAST_STREAM - batch);
  const share = drawBeta(random, alpha);
  const partners = random.shuffle(Uint32Array.from({ length: n }, (_, i) => i));
  return {
    share,
    partners,
    images(x) {
      const size = x.length / n;
      const mixed = new Float32Array(x.length);
      for (const [i, partner] of partners.entries()) {
        const [own, other] = [i * size, partner * size];
        for (let p = 0; p < size; p++) mixed[own + p] = share * x[own + p] + (1 - share) * x[other + p];
      }
      return mixed;
    },
  };
}

function drawBeta(random: Random, alpha: number): number {
  const [logA, logB] = [drawLogGamma(random, alpha), drawLogGamma(random, alpha)];
  return 1 / (1 + Math.exp(logB - logA)); // in logarithms: both underflow for a small alpha
}

/** Logarithm of a Gamma(shape, 1) number. Marsaglia and Tsang 2000, https://doi.org/10.1145/358407.358414 */
function drawLogGamma(random: Random, shape: number): number {
  if (shape < 1) return drawLogGamma(random, shape + 1) + Math.log(1 - random.uniform()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = random.normal();
    const v = (1 + c * normal) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * normal ** 2 + d - d * v + d * Math.log(v)) {
      return Math.log(d * v);
    }
  }
}
