// From a trace to what a figure shows: one box per layer, with the activation and the normalisation that follow it.
import type { Trace, TraceNode } from '../../engine/nn/trace.ts';
import type { Shape } from '../../kernels/definition.ts';

export type BoxKind = 'input' | 'convolution' | 'linear' | 'pooling' | 'merge' | 'block' | 'other';

export interface Box {
  readonly id: number;
  readonly kind: BoxKind;
  /** `Conv 3×3, 64` */
  readonly title: string;
  /** `stride 2`, `BN`, `ReLU` */
  readonly notes: readonly string[];
  /** What leaves it, without the batch. */
  readonly shape: Shape;
  /** Ids of the boxes it reads. */
  readonly inputs: readonly number[];
  /** Dotted name of the module that ran it first. */
  readonly module: string;
  /** Dotted names of all modules whose work it shows. */
  readonly modules: readonly string[];
  /** What it does apart from channel counts: two boxes with one key look alike. */
  readonly key: string;
}

/** Shown as a word in the box of what they follow. */
const FOLLOWERS: Readonly<Record<string, string>> = {
  batchNorm2d: 'BN',
  localResponseNorm: 'LRN',
  relu: 'ReLU',
  leakyRelu: 'LeakyReLU',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  gelu: 'GELU',
  silu: 'SiLU',
  dropout: 'dropout',
};

/** The boxes of a trace, each after the boxes it reads. */
export function boxesOf({ nodes }: Trace): Box[] {
  const consumers = nodes.map(({ id }) => nodes.filter(({ inputs }) => inputs.includes(id)).length);
  const boxes: Box[] = [];
  const boxOf = new Map<number, number>();
  for (const node of nodes) {
    const [source] = node.inputs;
    const isAlone = node.inputs.length === 1 && consumers[source] === 1;
    const note = FOLLOWERS[node.operation];
    const isFolded = isAlone && (note !== undefined || isUnseen(node));
    const before = isFolded ? boxes[boxOf.get(source)!] : undefined;
    if (before && before.kind !== 'input') {
      const notes = note === undefined ? before.notes : [...before.notes, note];
      const key = note === undefined ? before.key : `${before.key} ${note}`;
      const modules = [...new Set([...before.modules, node.module])];
      boxes[before.id] = { ...before, notes, key, modules, shape: node.shape.slice(1) };
      boxOf.set(node.id, before.id);
      continue;
    }
    const inputs = [...new Set(node.inputs.map((input) => boxOf.get(input)!))];
    boxOf.set(node.id, boxes.length);
    const { module } = node;
    boxes.push({ id: boxes.length, ...described(node), inputs, shape: node.shape.slice(1), module, modules: [module] });
  }
  return boxes;
}

/** Changes how values lie, not what they are. */
function isUnseen({ isView, operation }: TraceNode): boolean {
  return isView || operation === 'reorder';
}

function described(node: TraceNode): Pick<Box, 'kind' | 'title' | 'notes' | 'key'> {
  const { operation, shape, weights, options } = node;
  const given = (options ?? {}) as Record<string, unknown>;
  const notes = ['stride', 'padding', 'dilation'].flatMap((name) => noted(name, given[name]));
  const box = (kind: BoxKind, what: string, channels?: number) => ({
    kind,
    title: channels === undefined ? what : `${what}, ${channels}`,
    notes,
    key: [what, ...notes].join(' '),
  });
  switch (operation) {
    case 'input':
      return { ...box('input', 'Image'), notes: [] };
    case 'conv2d': {
      const [out, inputs, height, width] = weights[0];
      const isDepthwise = inputs === 1 && given.groups === out;
      return box('convolution', `${isDepthwise ? 'Depthwise' : 'Conv'} ${height}×${width}`, out);
    }
    case 'linear':
      return box('linear', 'Linear', shape.at(-1));
    case 'maxPool2d':
      return box('pooling', `Max pool ${extents(given.kernelSize)}`);
    case 'avgPool2d':
      // ResNet's shortcut without weights
      if (extents(given.kernelSize) === '1×1') return { ...box('pooling', `Every ${given.stride}nd pixel`), notes: [] };
      return box('pooling', `Average pool ${extents(given.kernelSize)}`);
    case 'adaptiveAvgPool2d': {
      const size = shape.slice(2);
      return box('pooling', size.every((side) => side === 1) ? 'Global average pool' : `Average to ${size.join('×')}`);
    }
    case 'pad':
      return { ...box('other', 'Pad with zeros'), notes: [], key: 'pad' };
    case 'add':
      return { ...box('merge', '+'), notes: [] };
    case 'cat':
      return { ...box('merge', 'Concatenate'), notes: [] };
    default:
      return box('other', FOLLOWERS[operation] ?? operation);
  }
}

/** `stride 2`; nothing for what is usual. */
function noted(name: string, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  const usual = name === 'padding' ? 0 : 1;
  const sides = [value].flat();
  return sides.every((side) => side === usual) ? [] : [`${name} ${[...new Set(sides)].join('×')}`];
}

function extents(kernelSize: unknown): string {
  const [height, width = height] = [kernelSize].flat();
  return `${height}×${width}`;
}
