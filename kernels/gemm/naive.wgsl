// Core: one thread per four elements of a row of C. The simple one, which every other core must equal.
//
// A core computes C[m, n] = sum over k of A[m, k] * B[k, n] for whatever an operand file says A, B and C are. The
// reduction runs over segments of equal length (kernel rows of a convolution, image rows of its weight gradient; one
// for a matrix), so that within a segment A is a straight walk through memory, without divisions:
//   Params.m, Params.n                       rows and columns of C
//   Params.k                                 length of a segment
//   reduction_of(z: u32) -> vec2u            first and past-the-end segment of workgroup slice z; enters that slice
//   struct Row;  row_of(m: u32) -> Row       all that A's address takes from m, computed once
//   struct Walk; walk_of(row: Row, segment: u32) -> Walk  row m's walk through a segment; of u32 only
//   walk_from(walk: Walk, lane: u32) -> Walk  the walk of another lane (cores with subgroups; in a file of its own)
//   load_a(walk: Walk, k: u32) -> f32        A at place k of the segment, 0 in padding; past its end anything
//   load_along(walk: Walk, k: u32) -> vec4f   A at the places k .. k + 3 (subgroups; where they lie in fours)
//   load_across(walk: Walk, k: u32) -> vec4f  A at place k in the walk's row and the next three (likewise)
//   b_row(k: u32) -> u32                     where row k of B begins, counted through all segments
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
  for (var segment = reduction.x; segment < reduction.y; segment++) {
    let walk = walk_of(row, segment);
    for (var k = 0u; k < params.k; k++) {
      sum = fma(vec4f(load_a(walk, k)), load_b4(b_row(segment * params.k + k), n), sum);
    }
  }
  store4(m, n, sum);
}
