// Operand A of matmul and linear, with any row and column step: one kernel serves NN, NT and TN, batches (slices), and
// the pieces of matrices that exceed the binding limit. Linked with an a, a b and a c file.
struct Params {
  m: u32,
  n: u32,
  k: u32,
  aOffset: u32,   // of this piece in what is bound
  aRow: u32,      // step from A[m, k] to A[m + 1, k]
  aColumn: u32,   // step from A[m, k] to A[m, k + 1]
  aSlice: u32,
  bOffset: u32,
  bRow: u32,      // step from B[k, n] to B[k + 1, n]
  bColumn: u32,
  bSlice: u32,
  cOffset: u32,
  cRow: u32,
  cColumn: u32,   // 1 except in c.add.wgsl
  cSlice: u32,
  biasOffset: u32,
  biasSlice: u32,
  hasBias: u32,
  onesRow: u32,   // this row of A is all ones: its products are the column sums of B, a bias gradient
  isFirst: u32,   // 1: C holds nothing yet (read by c.add.wgsl)
  relu: u32,      // 1: max(C, 0) is stored
}

@group(0) @binding(4) var<uniform> params: Params;

var<private> slice: u32;

fn reduction_of(z: u32) -> vec2u {
  slice = z;
  return vec2u(0u, 1u);
}

struct Row {
  start: u32,
  isOnes: u32,
}

alias Walk = Row;

fn row_of(m: u32) -> Row {
  return Row(params.aOffset + slice * params.aSlice + m * params.aRow, u32(m == params.onesRow));
}

fn walk_of(row: Row, segment: u32) -> Walk {
  return row;
}

fn c_row(m: u32) -> u32 {
  return params.cOffset + slice * params.cSlice + m * params.cRow;
}
