// How data-parallel training scales: the latency–bandwidth model of message passing (Hockney 1994), where a message of n
// bytes takes `latency + n / bandwidth`, and what the usual allreduces cost in it.
// Thakur, Rabenseifner, Gropp (2005), Optimization of Collective Communication Operations in MPICH.

export interface Link {
  /** Seconds before a message's first byte. */
  latency: number;
  /** Bytes a second. */
  bandwidth: number;
}

export const ALGORITHMS = ['ring', 'halving', 'doubling'] as const;
/**
 * `ring`: each rank sends to its neighbour, 2 (p − 1) messages of n / p bytes. `halving`: recursive halving and doubling
 * (Rabenseifner's), 2 log2 p messages, as many bytes. `doubling`: recursive doubling, log2 p messages of n bytes, for
 * small n.
 */
export type Algorithm = (typeof ALGORITHMS)[number];

/** Seconds of one allreduce over `ranks` ranks; additions are left out. */
export function allreduceSeconds(algorithm: Algorithm, ranks: number, bytes: number, link: Link): number {
  if (ranks === 1) return 0;
  const { latency, bandwidth } = link;
  const rounds = Math.ceil(Math.log2(ranks));
  const bandwidthTerm = (2 * (ranks - 1) * bytes) / (ranks * bandwidth);
  if (algorithm === 'ring') return 2 * (ranks - 1) * latency + bandwidthTerm;
  if (algorithm === 'halving') return 2 * rounds * latency + bandwidthTerm;
  return rounds * (latency + bytes / bandwidth);
}

/** The quickest of them. */
export function bestAllreduce(ranks: number, bytes: number, link: Link): { algorithm: Algorithm; seconds: number } {
  const [best] = ALGORITHMS.map((algorithm) => ({
    algorithm,
    seconds: allreduceSeconds(algorithm, ranks, bytes, link),
  })).sort((a, b) => a.seconds - b.seconds);
  return best!;
}

export interface Workload {
  /** Forward, backward and update of one rank's batch, alone. */
  stepSeconds: number;
  /** Of all gradients. */
  gradientBytes: number;
  /** Copies on the host, of gradients from the GPU and of sums to it, which all ranks make at the same time. */
  stagingSeconds: number;
  /** The part of the exchange that runs beside the backward pass, from 0 to 1. */
  overlap: number;
  link: Link;
}

export interface Prediction {
  ranks: number;
  algorithm: Algorithm;
  allreduceSeconds: number;
  stepSeconds: number;
  /** Of `ranks` times what one rank alone does in the same time: weak scaling, the same batch for each. */
  efficiency: number;
}

/** What a step takes on so many ranks. Nothing is hidden that is longer than the backward pass, two thirds of a step. */
export function predict(ranks: number, workload: Workload): Prediction {
  const { stepSeconds, gradientBytes, stagingSeconds, overlap, link } = workload;
  const { algorithm, seconds } = bestAllreduce(ranks, gradientBytes, link);
  const exchange = ranks === 1 ? 0 : stagingSeconds + seconds;
  const hidden = Math.min(overlap * exchange, (2 / 3) * stepSeconds);
  const step = stepSeconds + exchange - hidden;
  return { ranks, algorithm, allreduceSeconds: seconds, stepSeconds: step, efficiency: stepSeconds / step };
}

/**
 * Where another rank brings less than half of itself: the smallest power of two at which the efficiency is below 0.5.
 * @returns undefined where that is beyond `most`
 */
export function stopsPaying(workload: Workload, most = 2 ** 20): number | undefined {
  for (let ranks = 2; ranks <= most; ranks *= 2) if (predict(ranks, workload).efficiency < 0.5) return ranks;
  return undefined;
}

/** How many batches to accumulate between two exchanges for an efficiency; 1 where one is enough. */
export function accumulationFor(efficiency: number, ranks: number, workload: Workload): number {
  const { stepSeconds } = workload;
  const exposed = predict(ranks, workload).stepSeconds - stepSeconds;
  return Math.max(1, Math.ceil((efficiency * exposed) / ((1 - efficiency) * stepSeconds)));
}

/**
 * Latency and bandwidth from measured allreduces of several sizes over the same ranks: the line through them whose relative
 * errors are least, undone by the model of `halving`.
 * @throws RangeError for fewer than two sizes or one rank
 */
export function fitLink(ranks: number, measured: readonly { bytes: number; seconds: number }[]): Link {
  if (new Set(measured.map(({ bytes }) => bytes)).size < 2 || ranks < 2) {
    throw new RangeError(`a line needs two sizes or more, and two ranks: given ${measured.length} of ${ranks} ranks`);
  }
  // least squares of (a + b·n − t) / t
  let [s, sx, sxx, sy, sxy] = [0, 0, 0, 0, 0];
  for (const { bytes, seconds } of measured) {
    const weight = 1 / seconds ** 2;
    s += weight;
    sx += weight * bytes;
    sxx += weight * bytes * bytes;
    sy += weight * seconds;
    sxy += weight * bytes * seconds;
  }
  const slope = (s * sxy - sx * sy) / (s * sxx - sx * sx);
  const start = (sy - slope * sx) / s;
  const rounds = Math.ceil(Math.log2(ranks));
  const bandwidth = (2 * (ranks - 1)) / ranks / Math.max(slope, 1e-15);
  return { latency: Math.max(start, 0) / (2 * rounds), bandwidth };
}
