// Adam and AdamW, which differ in where weight decay enters.
import { adam } from '../../kernels/adam/adam.ts';
import { apply } from '../apply.ts';
import type { Tensor } from '../tensor.ts';
import type { Arena, Run } from './arena.ts';
import { checkRange, type GroupOptions, Optimizer } from './optimizer.ts';

export interface AdamOptions {
  /** Default 1e-3. */
  lr: number;
  /** Shares of the old mean and mean square that are kept. Default [0.9, 0.999]. */
  betas: [number, number];
  /** Added to the root of the mean square. Default 1e-8. */
  eps: number;
  /** Default 0 for Adam, 0.01 for AdamW. */
  weightDecay: number;
  /** Climbs instead of descending. Default false. */
  maximize: boolean;
}

/**
 * Adam, Kingma and Ba 2015, https://arxiv.org/abs/1412.6980; weight decay is added to the gradient.
 * https://pytorch.org/docs/stable/generated/torch.optim.Adam.html
 * @throws ShapeError for options outside their range
 */
export class Adam extends Optimizer<AdamOptions> {
  constructor(
    params: readonly Tensor[] | readonly GroupOptions<AdamOptions>[],
    { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, maximize = false }: Partial<AdamOptions> = {},
    type = 'Adam',
  ) {
    super(type, params, { lr, betas, eps, weightDecay, maximize });
  }

  protected override check({ lr, betas, eps, weightDecay }: AdamOptions): void {
    checkRange('Adam', 'lr', lr, 0);
    checkRange('Adam', 'eps', eps, 0);
    checkRange('Adam', 'betas[0]', betas[0], 0, 1);
    checkRange('Adam', 'betas[1]', betas[1], 0, 1);
    checkRange('Adam', 'weightDecay', weightDecay, 0);
  }

  protected override stateNames(): readonly string[] {
    return ['expAvg', 'expAvgSq'];
  }

  /** Bias corrections depend on the step. */
  protected override runKey(steps: number): number {
    return steps;
  }

  /** Whether weight decay shrinks the parameters themselves. */
  protected get decoupled(): boolean {
    return false;
  }

  protected override update(arena: Arena, run: Run, options: AdamOptions): void {
    const now = () => ({ ...options, decoupled: this.decoupled, step: run.steps + 1 });
    apply(
      adam,
      {
        parameters: arena.values(run),
        gradients: arena.gradients(run),
        expAvg: arena.state('expAvg', run),
        expAvgSq: arena.state('expAvgSq', run),
      },
      now(),
      { live: now },
    );
  }
}

/**
 * Adam with decoupled weight decay, Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101: parameters shrink by
 * `lr · weightDecay` (default 0.01) before each step.
 * https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 * @throws ShapeError for options outside their range
 */
export class AdamW extends Adam {
  constructor(
    params: readonly Tensor[] | readonly GroupOptions<AdamOptions>[],
    { weightDecay = 0.01, ...options }: Partial<AdamOptions> = {},
  ) {
    super(params, { ...options, weightDecay }, 'AdamW');
  }

  protected override get decoupled(): boolean {
    return true;
  }
}
