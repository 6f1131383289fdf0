// Matrix products [m, k] x [k, n], batched ones [batch, m, k] x [batch, k, n], and [batch, m, k] x [k, n].
// Either matrix may be read transposed, so NN, NT and TN need no copy.
import { type Operation, type Problem, spec, stridesOf, type TensorSpec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { coreVariants } from '../gemm/gemm.ts';
import { type Matrix, stridedProduct, stridedShaders, transposed } from '../gemm/strided.ts';
import { show } from '../rank.ts';

export interface MatmulOptions {
  /** Reads a as [k, m]. */
  transposeA?: boolean;
  /** Reads b as [n, k]. */
  transposeB?: boolean;
}

export const matmul: Operation<MatmulOptions> = {
  name: 'matmul',
  autocast: 'float16',
  result: 'promoted',
  inputs: [
    { name: 'a', layout: 'any', dtype: 'float32' },
    { name: 'b', layout: 'any', dtype: 'float32' },
  ],
  variants: coreVariants,
  shaders: stridedShaders,

  infer({ a, b }, { transposeA = false, transposeB = false }) {
    const given = `(a: ${show(a.shape)}${transposeA ? ' transposed' : ''}, b: ${show(b.shape)}${transposeB ? ' transposed' : ''})`;
    const ranks = `${a.shape.length}${b.shape.length}`;
    if (!['22', '33', '32'].includes(ranks)) {
      throw new ShapeError(
        `matmul: needs [m, k] x [k, n], [batch, m, k] x [batch, k, n] or [batch, m, k] x [k, n] ${given}`,
      );
    }
    const [m, k] = extents(a, transposeA);
    const [inner, n] = extents(b, transposeB);
    if (k !== inner) throw new ShapeError(`matmul: a has ${k} columns but b has ${inner} rows ${given}`);
    if (ranks === '33' && a.shape[0] !== b.shape[0]) {
      throw new ShapeError(`matmul: a has ${a.shape[0]} batches but b has ${b.shape[0]} ${given}`);
    }
    return { y: spec([...a.shape.slice(0, -2), m, n]) };
  },

  forward(problem) {
    const { m, n, k, slices, a, b, y } = matrices(problem);
    return { launches: [stridedProduct(problem.device, { m, n, k, slices, a, b, c: y }, problem.variant)] };
  },

  saved: (wanted) => [...(wanted.has('a') ? ['b'] : []), ...(wanted.has('b') ? ['a'] : [])],

  backward(problem, wanted) {
    const { m, n, k, slices, a, b, y } = matrices(problem);
    const dy = { ...y, tensor: 'dy' };
    const launches = [];
    if (wanted.has('a')) {
      // da = dy b'
      const product = { m, n: k, k: n, slices, a: dy, b: transposed(b), c: { ...a, tensor: 'da' } };
      launches.push(stridedProduct(problem.device, product, problem.variant));
    }
    if (wanted.has('b')) {
      // db = a' dy
      const product = { m: k, n, k: m, slices, a: transposed(a), b: dy, c: { ...b, tensor: 'db' } };
      launches.push(stridedProduct(problem.device, product, problem.variant));
    }
    return { launches };
  },
};

function extents({ shape }: TensorSpec, isTransposed: boolean): [rows: number, columns: number] {
  const [rows, columns] = shape.slice(-2);
  return isTransposed ? [columns, rows] : [rows, columns];
}

/** Matrices by their steps. A shared right-hand side turns the batch into more rows. */
function matrices({ inputs: { a, b }, outputs: { y }, options }: Problem<MatmulOptions>) {
  const { transposeA = false, transposeB = false } = options;
  let [m, k] = extents(a, transposeA);
  const n = y.shape.at(-1)!;
  let slices = a.shape.length === 3 ? a.shape[0] : 1;
  let matrixA = matrix('a', a, transposeA);
  // batches that follow each other like rows, with one b for all: [batch, m, k] is [batch * m, k]
  if (b.shape.length === 2 && slices > 1) {
    if (m === 1) matrixA = { ...matrixA, row: matrixA.slice ?? 0 };
    if (matrixA.slice !== m * matrixA.row)
      throw new ShapeError(
        `matmul: a of order ${show(a.order)} with one b for all batches; reorder a so that they are rows below rows`,
      );
    m *= slices;
    slices = 1;
  }
  return { m, n, k, slices, a: matrixA, b: matrix('b', b, transposeB), y: matrix('y', y, false) };
}

function matrix(tensor: string, spec: TensorSpec, isTransposed: boolean): Matrix {
  const strides = stridesOf(spec);
  const [row, column] = strides.slice(-2);
  const plain = { tensor, row, column, slice: spec.shape.length === 3 ? strides[0] : 0 };
  return isTransposed ? transposed(plain) : plain;
}
