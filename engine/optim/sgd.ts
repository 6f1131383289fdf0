// Stochastic gradient descent.
import { ShapeError } from '../../kernels/errors.ts';
import { sgd } from '../../kernels/sgd/sgd.ts';
import { apply } from '../apply.ts';
import type { Tensor } from '../tensor.ts';
import type { Arena, Run } from './arena.ts';
import { checkRange, type GroupOptions, Optimizer } from './optimizer.ts';

export interface SGDOptions {
  lr: number;
  /** Default 0. */
  momentum: number;
  /** Share of a new gradient that momentum leaves out. Default 0. */
  dampening: number;
  /** Adds `weightDecay · parameter` to the gradient. Default 0. */
  weightDecay: number;
  /** Default false; needs momentum and no dampening. */
  nesterov: boolean;
  /** Climbs instead of descending. Default false. */
  maximize: boolean;
}

/**
 * `v = momentum · v + (1 − dampening) · g; p −= lr · v`, with PyTorch's exact rules.
 * https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
 * @throws ShapeError for options outside their range
 */
export class SGD extends Optimizer<SGDOptions> {
  constructor(
    params: readonly Tensor[] | readonly GroupOptions<SGDOptions>[],
    {
      lr,
      momentum = 0,
      dampening = 0,
      weightDecay = 0,
      nesterov = false,
      maximize = false,
    }: Partial<SGDOptions> & Pick<SGDOptions, 'lr'>,
  ) {
    super('SGD', params, { lr, momentum, dampening, weightDecay, nesterov, maximize });
  }

  protected override check({ lr, momentum, dampening, weightDecay, nesterov }: SGDOptions): void {
    checkRange('SGD', 'lr', lr, 0);
    checkRange('SGD', 'momentum', momentum, 0);
    checkRange('SGD', 'weightDecay', weightDecay, 0);
    if (nesterov && (momentum <= 0 || dampening !== 0)) {
      throw new ShapeError(
        `SGD: nesterov needs a momentum above 0 and a dampening of 0, given ${momentum} and ${dampening}`,
      );
    }
  }

  protected override stateNames(): readonly string[] {
    return ['momentumBuffer'];
  }

  protected override usedStates({ momentum }: SGDOptions): readonly string[] {
    return momentum > 0 ? this.stateNames() : [];
  }

  /** Only the first step differs. */
  protected override runKey(steps: number): number {
    return Math.min(steps, 1);
  }

  protected override update(arena: Arena, run: Run, options: SGDOptions): void {
    const isNew = !arena.stateNames().includes('momentumBuffer');
    const now = () => ({ ...options, first: run.steps === 0 });
    apply(
      sgd,
      {
        parameters: arena.values(run),
        gradients: arena.gradients(run),
        momentumBuffer: options.momentum > 0 ? arena.state('momentumBuffer', run) : undefined,
      },
      { ...now(), ...(isNew && { first: true }) },
      { live: now },
    );
  }
}
