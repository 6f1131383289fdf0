// Core: each thread keeps 4 x 4 sums in registers, so a load serves four multiplications. No workgroup memory, no
// barriers, no subgroups: runs everywhere. Written out, because SwiftShader keeps an indexed array in memory.

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let reduction = reduction_of(workgroup.z);
  let tile = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  let tileColumns = (params.n + 3u) / 4u;
  let m = tile / tileColumns * 4u;
  let n = tile % tileColumns * 4u;
  if (m >= params.m) {
    return;
  }
  // past the last row: read somewhere, never stored
  let row0 = row_of(m);
  let row1 = row_of(m + 1u);
  let row2 = row_of(m + 2u);
  let row3 = row_of(m + 3u);
  var sum0 = initial4(n);
  var sum1 = sum0;
  var sum2 = sum0;
  var sum3 = sum0;
  for (var segment = reduction.x; segment < reduction.y; segment++) {
    let walk0 = walk_of(row0, segment);
    let walk1 = walk_of(row1, segment);
    let walk2 = walk_of(row2, segment);
    let walk3 = walk_of(row3, segment);
    for (var k = 0u; k < params.k; k++) {
      let b = load_b4(b_row(segment * params.k + k), n);
      sum0 = fma(vec4f(load_a(walk0, k)), b, sum0);
      sum1 = fma(vec4f(load_a(walk1, k)), b, sum1);
      sum2 = fma(vec4f(load_a(walk2, k)), b, sum2);
      sum3 = fma(vec4f(load_a(walk3, k)), b, sum3);
    }
  }
  store4(m, n, sum0);
  if (m + 1u < params.m) {
    store4(m + 1u, n, sum1);
  }
  if (m + 2u < params.m) {
    store4(m + 2u, n, sum2);
  }
  if (m + 3u < params.m) {
    store4(m + 3u, n, sum3);
  }
}
