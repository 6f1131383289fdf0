// Core: one thread per four elements of a row of C. The simple one, which every other core must equal.
//
// A core computes C[m, n] = sum over k of A[m, k] * B[k, n] for whatever an operand file says A, B and C are:
//   Params.m, Params.n                       rows and columns of C
//   reduction_of(slice: u32) -> vec2u        first and past-the-end k of workgroup slice z; enters that slice
//   struct Row;  row_of(m: u32) -> Row       all that A's address takes from m, computed once
//   struct Step; step_of(k: u32) -> Step     all that A's address takes from k, computed once
//   load_a(row: Row, step: Step) -> f32      A[m, k], 0 in padding
//   step_from(step: Step, lane: u32) -> Step  the step of another lane (subgroup cores; in a file of its own)
//   b_row(k: u32) -> u32                     where row k of B begins
//   load_b4(row: u32, n: u32) -> vec4f       B[k, n .. n + 3]; past the last column anything
//   initial4(n: u32) -> vec4f                what the sums of columns n .. n + 3 start from: the bias, or 0
//   store4(m: u32, n: u32, sum: vec4f)       C[m, n .. n + 3]; drops columns past the last

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let reduction = reduction_of(workgroup.z);
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  let quads = (params.n + 3u) / 4u;
  if (index >= params.m * quads) {
    return;
  }
  let m = index / quads;
  let n = index % quads * 4u;
  let row = row_of(m);
  var sum = initial4(n);
  for (var k = reduction.x; k < reduction.y; k++) {
    sum = fma(vec4f(load_a(row, step_of(k))), load_b4(b_row(k), n), sum);
  }
  store4(m, n, sum);
}
