// Matrix products in float64. https://pytorch.org/docs/stable/generated/torch.matmul.html
import { type NdArray, zeros } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { MatmulOptions } from './matmul.ts';

export const reference: Reference<MatmulOptions> = {
  forward({ a, b }, { transposeA = false, transposeB = false }) {
    const [m, k] = rowsAndColumns(a, transposeA);
    const n = rowsAndColumns(b, transposeB)[1];
    const batches = a.shape.length === 3 ? a.shape[0] : 1;
    const y = zeros([...a.shape.slice(0, -2), m, n]);
    for (let batch = 0; batch < batches; batch++)
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++)
          for (let inner = 0; inner < k; inner++) {
            y.data[(batch * m + i) * n + j] +=
              a.data[index(a, batch, i, inner, transposeA)] * b.data[index(b, batch, inner, j, transposeB)];
          }
    return { y };
  },

  backward({ a, b }, { y }, dy, { transposeA = false, transposeB = false }) {
    const [m, k] = rowsAndColumns(a, transposeA);
    const n = y.shape.at(-1)!;
    const batches = a.shape.length === 3 ? a.shape[0] : 1;
    const da = zeros(a.shape);
    const db = zeros(b.shape);
    for (let batch = 0; batch < batches; batch++)
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          const gradient = dy.data[(batch * m + i) * n + j];
          for (let inner = 0; inner < k; inner++) {
            const at = index(a, batch, i, inner, transposeA);
            const bt = index(b, batch, inner, j, transposeB);
            da.data[at] += gradient * b.data[bt];
            db.data[bt] += gradient * a.data[at];
          }
        }
    return { a: da, b: db };
  },
};

function rowsAndColumns({ shape }: NdArray, isTransposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2);
  return isTransposed ? [columns, rows] : [rows, columns];
}

function index({ shape }: NdArray, batch: number, row: number, column: number, isTransposed: boolean): number {
  const [rows, columns] = shape.slice(-2);
  const slice = shape.length === 3 ? batch * rows * columns : 0;
  return slice + (isTransposed ? column * columns + row : row * columns + column);
}
