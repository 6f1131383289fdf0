// RMSprop.
import { rmsprop } from '../../kernels/rmsprop/rmsprop.ts';
import { apply } from '../apply.ts';
import type { Tensor } from '../tensor.ts';
import type { Arena, Run } from './arena.ts';
import { checkRange, type GroupOptions, Optimizer } from './optimizer.ts';

export interface RMSpropOptions {
  /** Default 0.01. */
  lr: number;
  /** Share of the old mean square that is kept. Default 0.99. */
  alpha: number;
  /** Added to the root. Default 1e-8. */
  eps: number;
  /** Adds `weightDecay · parameter` to the gradient. Default 0. */
  weightDecay: number;
  /** Default 0. */
  momentum: number;
  /** Divides by the deviation around a running mean of the gradient. Default false. */
  centered: boolean;
  /** Climbs instead of descending. Default false. */
  maximize: boolean;
}

/**
 * Divides gradients by a running root mean square. Tieleman and Hinton 2012; centered: Graves 2013,
 * https://arxiv.org/abs/1308.0850. https://pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
 * @throws ShapeError for options outside their range
 */
export class RMSprop extends Optimizer<RMSpropOptions> {
  constructor(
    params: readonly Tensor[] | readonly GroupOptions<RMSpropOptions>[],
    {
      lr = 0.01,
      alpha = 0.99,
      eps = 1e-8,
      weightDecay = 0,
      momentum = 0,
      centered = false,
      maximize = false,
    }: Partial<RMSpropOptions> = {},
  ) {
    super('RMSprop', params, { lr, alpha, eps, weightDecay, momentum, centered, maximize });
  }

  protected override check({ lr, alpha, eps, weightDecay, momentum }: RMSpropOptions): void {
    checkRange('RMSprop', 'lr', lr, 0);
    checkRange('RMSprop', 'alpha', alpha, 0);
    checkRange('RMSprop', 'eps', eps, 0);
    checkRange('RMSprop', 'weightDecay', weightDecay, 0);
    checkRange('RMSprop', 'momentum', momentum, 0);
  }

  protected override stateNames(): readonly string[] {
    return ['squareAvg', 'gradAvg', 'momentumBuffer'];
  }

  /** Every step is alike. */
  protected override runKey(): number {
    return 0;
  }

  protected override update(arena: Arena, run: Run, options: RMSpropOptions): void {
    apply(
      rmsprop,
      {
        parameters: arena.values(run),
        gradients: arena.gradients(run),
        squareAvg: arena.state('squareAvg', run),
        gradAvg: options.centered ? arena.state('gradAvg', run) : undefined,
        momentumBuffer: options.momentum > 0 ? arena.state('momentumBuffer', run) : undefined,
      },
      options,
      { live: () => options },
    );
  }

  protected override usedStates({ centered, momentum }: RMSpropOptions): readonly string[] {
    return ['squareAvg', ...(centered ? ['gradAvg'] : []), ...(momentum > 0 ? ['momentumBuffer'] : [])];
  }
}
