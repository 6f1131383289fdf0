// Operand A of matmul and linear, with any row and column step: one kernel serves NN, NT and TN, batches (slices), and
// the pieces of matrices that exceed the binding limit. Linked with one b and one c file.
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
}

@group(0) @binding(0) var<storage, read> a: array<f32>;  // [slices, m, k] by the steps above
@group(0) @binding(4) var<uniform> params: Params;

var<private> slice: u32;

fn reduction_of(z: u32) -> vec2u {
  slice = z;
  return vec2u(0u, params.k);
}

struct Row {
  start: u32,
  isOnes: bool,
}

fn row_of(m: u32) -> Row {
  return Row(params.aOffset + slice * params.aSlice + m * params.aRow, m == params.onesRow);
}

struct Step {
  offset: u32,
}

fn step_of(k: u32) -> Step {
  return Step(k * params.aColumn);
}

fn load_a(row: Row, step: Step) -> f32 {
  return select(a[row.start + step.offset], 1f, row.isOnes);
}
