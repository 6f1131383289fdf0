// A product of matrices that lie in memory with any steps: what matmul and linear launch, forward and backward.
import { type Axis, type Capabilities, type Launch, launch, MOST_WORKGROUPS, NOTHING } from '../definition.ts';
import type { Shader } from '../shader.ts';
import { shader as bVec4 } from './b.vec4.wgsl.ts';
import { shader as b } from './b.wgsl.ts';
import { shader as cAdd } from './c.add.wgsl.ts';
import { shader as cVec4 } from './c.vec4.wgsl.ts';
import { shader as c } from './c.wgsl.ts';
import {
  aInFours,
  type CoreFiles,
  type CoreName,
  cheapestToCompile,
  chooseCore,
  coreConstants,
  coreGrid,
  inFours,
  linkCores,
} from './gemm.ts';
import { shader as aAcross } from './strided.a.across.wgsl.ts';
import { shader as aAlong } from './strided.a.along.wgsl.ts';
import { shader as aFile } from './strided.a.wgsl.ts';
import { shader as walk } from './strided.walk.wgsl.ts';
import { shader as operands } from './strided.wgsl.ts';

type StridedShader = Omit<typeof operands, 'bindings'> & {
  readonly bindings: typeof operands.bindings & typeof aFile.bindings & typeof b.bindings & typeof c.bindings;
};

const scalar = linkStrided('gemm/strided', [b, c]);
/** Contiguous columns of B and C in multiples of four. */
const vec4 = linkStrided('gemm/strided bc4', [bVec4, cVec4]);
/** k is cut by the binding limit, so later pieces add to the first; or the columns of C are not contiguous. */
const adding = linkStrided('gemm/strided add', [b, cAdd]).ones;

export const stridedShaders: readonly Shader[] = [...Object.values(scalar), ...Object.values(vec4), adding].flatMap(
  (shaders) => Object.values(shaders),
);

/** A matrix operand: tensor name and element steps; `slice` is the step from one batch to the next (0: shared). */
export interface Matrix {
  readonly tensor: string;
  readonly row: number;
  readonly column: number;
  readonly slice?: number;
}

/** The same memory read with rows and columns exchanged. */
export function transposed(matrix: Matrix): Matrix {
  return { ...matrix, row: matrix.column, column: matrix.row };
}

export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Batches of the product; 1 where there are none. */
  readonly slices?: number;
  /** [m, k] */
  readonly a: Matrix;
  /** [k, n] */
  readonly b: Matrix;
  /** [m, n] */
  readonly c: Matrix;
  /** Tensor name of a vector [n] that is added to every row. */
  readonly bias?: string | undefined;
  /** Whether max(C, 0) is what is stored. */
  readonly relu?: boolean | undefined;
  /** A is all ones: C becomes the column sums of B. `a` is not read. */
  readonly ones?: boolean;
}

const NO_ROW = 0xffffffff;

type Axes = 'slices' | 'm' | 'k' | 'n';
type Operand = 'a' | 'b' | 'c';

/** One launch of C = A B, cut along m, k and n where a matrix exceeds the binding limit. */
export function stridedProduct(device: Capabilities, given: Product, variant?: string): Launch {
  const product = given.c.column !== 1 && given.c.row === 1 ? transposedProduct(given) : given;
  const { m, n, k, slices = 1, a, b, c, bias, relu = false, ones = false } = product;
  const core = chooseCore(device, m, n, variant ?? cheapestToCompile(device, slices * m * n * k));
  const sizes = { a: ones ? 0 : m * k, b: k * n, c: m * n };
  const oversized = Math.max(...Object.values(sizes)) * slices * 4 > device.bindingLimit;
  const contiguous = b.column === 1 && inFours(core, n, b.row, b.slice ?? 0, c.row, c.slice ?? 0);
  const shaders = oversized || c.column !== 1 ? adding : (contiguous ? vec4 : scalar)[foursOfA(core, product)];
  const outermost = outermostAxes(product);
  const axis = (name: Axes, extent: number): Axis => {
    const cut = (['a', 'b', 'c'] as const).filter((x) => outermost[x] === name);
    return {
      extent,
      slices: Object.fromEntries(cut.map((x) => [x, name === 'slices' ? sizes[x] : sizes[x] / extent])),
    };
  };
  return launch(shaders[core], {
    bind: { a: ones ? NOTHING : a.tensor, b: b.tensor, c: c.tensor, bias: bias ?? NOTHING },
    constants: coreConstants(core, device),
    axes: {
      slices: { ...axis('slices', slices), most: MOST_WORKGROUPS },
      m: axis('m', m),
      k: axis('k', k),
      n: axis('n', n),
    },
    params: (piece) => {
      // a matrix that is cut along an axis is bound from the piece's start; only the other axes move it
      const start = (x: Operand, name: Axes, step: number) => (outermost[x] === name ? 0 : piece[name].start * step);
      return {
        m: piece.m.count,
        n: piece.n.count,
        k: piece.k.count,
        aOffset: start('a', 'm', a.row) + start('a', 'k', a.column) + start('a', 'slices', a.slice ?? 0),
        aRow: a.row,
        aColumn: a.column,
        aSlice: a.slice ?? 0,
        bOffset: start('b', 'k', b.row) + start('b', 'n', b.column) + start('b', 'slices', b.slice ?? 0),
        bRow: b.row,
        bColumn: b.column,
        bSlice: b.slice ?? 0,
        cOffset: start('c', 'm', c.row) + start('c', 'n', c.column) + start('c', 'slices', c.slice ?? 0),
        cRow: c.row,
        cColumn: c.column,
        cSlice: c.slice ?? 0,
        biasOffset: piece.n.start,
        biasSlice: 0,
        hasBias: bias && piece.k.start === 0 ? 1 : 0,
        onesRow: ones ? 0 : NO_ROW,
        isFirst: piece.k.start === 0 ? 1 : 0,
        relu: relu && piece.k.start + piece.k.count === k ? 1 : 0,
      };
    },
    workgroups: (piece) => coreGrid(core, device, piece.m.count, piece.n.count, piece.slices.count),
  });
}

/** The axis that each dense matrix's outermost dimension runs along; undefined where it is not dense. */
function outermostAxes({ m, n, k, slices = 1, a, b, c, ones }: Product): Partial<Record<Operand, Axes>> {
  const outermost = (
    { row, column, slice }: Matrix,
    [rowAxis, rows]: [Axes, number],
    [columnAxis, columns]: [Axes, number],
  ) => {
    if (slices > 1 && slice) return slice === rows * columns ? 'slices' : undefined;
    if (row === columns && column === 1) return rowAxis;
    return column === rows && row === 1 ? columnAxis : undefined;
  };
  return {
    ...(ones ? {} : { a: outermost(a, ['m', m], ['k', k]) }),
    b: outermost(b, ['k', k], ['n', n]),
    c: outermost(c, ['m', m], ['n', n]),
  };
}

/** The same product as C' = B' A', for a result whose rows are the contiguous ones. */
function transposedProduct({ m, n, a, b, c, ...rest }: Product): Product {
  return { ...rest, m: n, n: m, a: transposed(b), b: transposed(a), c: transposed(c) };
}

/** Whether A lies in fours along k (its rows), across k (its columns), or neither. */
function foursOfA(core: CoreName, { m, k, a: { row, column, slice = 0 }, ones }: Product): 'ones' | 'along' | 'across' {
  if (ones) return 'ones';
  if (column === 1 && aInFours(core, k, row, slice)) return 'along';
  return row === 1 && aInFours(core, m, column, slice) ? 'across' : 'ones';
}

function linkStrided(label: string, pieces: readonly Shader[]) {
  const file = operands as unknown as StridedShader;
  const linked = (name: string, fours: Pick<CoreFiles, 'along' | 'across'>) =>
    linkCores(name, [file, ...pieces], { walk, single: aFile, ...fours });
  return {
    ones: linked(label, {}),
    along: linked(`${label} along`, { along: aAlong }),
    across: linked(`${label} across`, { across: aAcross }),
  };
}
