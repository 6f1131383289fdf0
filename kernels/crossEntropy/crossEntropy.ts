// Cross entropy of integer labels, fused with its log-softmax: one launch makes every row's loss, a tiny one merges
// them in a fixed order, and the backward pass writes (softmax - target) in one more.
import { flatGrid, launch, type Operation, type Problem, spec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { fill, fillLaunch } from '../fill/fill.ts';
import { rank2, show } from '../rank.ts';
import { shader as isNan } from '../reduce/isNan.wgsl.ts';
import { link, type Shader } from '../shader.ts';
import { shader as expFile } from '../softmax/exp.wgsl.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';
import { shader as wideFile } from './forward.wide.wgsl.ts';
import { shader as merge } from './merge.wgsl.ts';
import { shader as rowFile } from './row.wgsl.ts';
import { shader as unweighted } from './unweighted.wgsl.ts';
import { shader as weighted } from './weighted.wgsl.ts';

export interface CrossEntropyOptions {
  /** Share of the target that goes to all classes alike, 0 … 1. Default 0. */
  labelSmoothing?: number | undefined;
  /** Default `mean`: over rows, weighted by their label's class weight. */
  reduction?: 'mean' | 'sum' | 'none' | undefined;
  /** Rows with this label count for nothing. Default: there is none. Negative ones as uint32 sees them. */
  ignoreIndex?: number | undefined;
}

const forward = bothWeights('forward', rowFile, [forwardFile]);
const wide = bothWeights('forward.wide', rowFile, [wideFile]);
const backward = bothWeights('backward', backwardFile);
/** Classes from which a GPU gets a workgroup per row. */
const MANY_CLASSES = 128;
/** Rows that one thread may add up alone, and the threads that share more of them. */
const [ROWS_ALONE, MERGE_THREADS] = [256, 64];

export const crossEntropy: Operation<CrossEntropyOptions> = {
  name: 'crossEntropy',
  autocast: 'float32',
  inputs: [
    { name: 'logits', layout: 'rowMajor' },
    { name: 'labels', layout: 'rowMajor', dtype: 'uint32', differentiable: false },
    { name: 'weight', layout: 'rowMajor', optional: true, differentiable: false },
  ],
  variants: [
    { name: 'row', idea: 'one thread per row' },
    { name: 'wide', idea: 'one workgroup per row: neighbouring lanes read neighbouring logits' },
  ],
  shaders: [
    merge,
    ...fill.shaders,
    ...[forward, wide, backward].flatMap((both): Shader[] => [both.weighted, both.unweighted]),
  ],

  infer({ logits, labels, weight }, { labelSmoothing = 0, reduction = 'mean', ignoreIndex = 0 }) {
    const [n, classes] = rank2('crossEntropy', 'logits', logits);
    const given = `(logits: ${show(logits.shape)}, labels: ${show(labels.shape)})`;
    if (classes === 0) throw new ShapeError(`crossEntropy: logits have no classes ${given}`);
    if (labels.shape.length !== 1 || labels.shape[0] !== n) {
      throw new ShapeError(`crossEntropy: labels must have shape [${n}], one per row of logits ${given}`);
    }
    if (weight && (weight.shape.length !== 1 || weight.shape[0] !== classes)) {
      throw new ShapeError(
        `crossEntropy: weight must have shape [${classes}], one per class, given ${show(weight.shape)}`,
      );
    }
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new ShapeError(`crossEntropy: labelSmoothing must lie between 0 and 1, given ${labelSmoothing}`);
    }
    if (!['mean', 'sum', 'none'].includes(reduction)) {
      throw new ShapeError(`crossEntropy: reduction must be 'mean', 'sum' or 'none', given '${reduction}'`);
    }
    if (!Number.isInteger(ignoreIndex)) {
      throw new ShapeError(`crossEntropy: ignoreIndex must be an integer, given ${ignoreIndex}`);
    }
    return {
      y: spec(reduction === 'none' ? [n] : []),
      rowStates: spec([n, 3]),
      weightTotal: spec([]), // neither written nor read where every row keeps its own loss
    };
  },

  forward({ inputs, options, device, variant }) {
    const [n, classes] = inputs.logits.shape;
    const { reduction = 'mean' } = options;
    // the mean of no losses is NaN, as in PyTorch; the sum is what the engine leaves, zero
    if (n === 0) return { launches: reduction === 'mean' ? [fillLaunch('y', [], { device, value: NaN })] : [] };
    const isWide = variant ? variant === 'wide' : device.kind === 'gpu' && classes >= MANY_CLASSES;
    const shaders = isWide ? wide : forward;
    const rows = launch(inputs.weight ? shaders.weighted : shaders.unweighted, {
      bind: reduction === 'none' ? { losses: 'y' } : {},
      axes: { n: { extent: n, slices: { logits: classes, labels: 1, losses: 1, rowWeights: 1, rowStates: 3 } } },
      params: (ranges) => ({ ...shared(options), rows: ranges.n.count, classes, nan: 0x7fc00000 }),
      workgroups: (ranges) => flatGrid(ranges.n.count, isWide ? 1 : 64),
    });
    const perRow = { rowWeights: { length: n } };
    if (reduction === 'none') return { scratch: perRow, launches: [rows] };
    const divide = reduction === 'mean' ? 1 : 0;
    const result = { loss: 'y', weightTotal: 'weightTotal' };
    const scratch = { ...perRow, losses: { length: n } };
    if (n <= ROWS_ALONE) return { scratch, launches: [rows, mergeLaunch(n, { threads: 1, divide, bind: result })] };
    const partial = { losses: 'partialLoss', rowWeights: 'partialWeight' };
    return {
      scratch: { ...scratch, partialLoss: { length: MERGE_THREADS }, partialWeight: { length: MERGE_THREADS } },
      launches: [
        rows,
        mergeLaunch(n, {
          threads: MERGE_THREADS,
          divide: 0,
          bind: { loss: partial.losses, weightTotal: partial.rowWeights },
        }),
        mergeLaunch(MERGE_THREADS, { threads: 1, divide, bind: { ...partial, ...result } }),
      ],
    };
  },

  saved: () => ['logits', 'labels', 'weight', 'rowStates', 'weightTotal'],

  backward({ inputs, options }) {
    const [n, classes] = inputs.logits.shape;
    const { reduction = 'mean' } = options;
    const perRow = reduction === 'none' ? 1 : 0;
    const slices = { logits: classes, dlogits: classes, labels: 1, rowStates: 3, ...(perRow && { dy: 1 }) };
    return {
      launches: [
        launch(inputs.weight ? backward.weighted : backward.unweighted, {
          axes: { n: { extent: n, slices } },
          params: (ranges) => ({
            ...shared(options),
            elements: ranges.n.count * classes,
            classes,
            perRow,
            divide: reduction === 'mean' ? 1 : 0,
          }),
          workgroups: (ranges) => flatGrid(ranges.n.count * classes, 64),
        }),
      ],
    };
  },
};

function shared({ labelSmoothing = 0, ignoreIndex }: Problem<CrossEntropyOptions>['options']) {
  return {
    smoothing: labelSmoothing,
    hasIgnored: ignoreIndex === undefined ? 0 : 1,
    ignored: (ignoreIndex ?? 0) >>> 0,
  };
}

function mergeLaunch(
  rows: number,
  { threads, divide, bind }: { threads: number; divide: number; bind: Readonly<Record<string, string>> },
) {
  return launch(merge, {
    bind,
    axes: { rows: { extent: rows, slices: { losses: 1, rowWeights: 1 } } },
    params: (ranges) => ({ rows: ranges.rows.count, threads, accumulate: ranges.rows.start > 0 ? 1 : 0, divide }),
    workgroups: [1],
  });
}

function bothWeights<File extends Shader>(name: string, file: File, more: readonly Shader[] = []) {
  return {
    unweighted: link(`crossEntropy/${name}`, [file, isNan, expFile, unweighted, ...more]) as Shader as File,
    weighted: link(`crossEntropy/${name} weighted`, [file, isNan, expFile, weighted, ...more]) as Shader as File,
  };
}
