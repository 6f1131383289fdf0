// Core: each thread keeps ROWS x 4 sums in registers, so a load serves four or ROWS multiplications.
// No workgroup memory, no barriers, no subgroups: runs everywhere, and well on SwiftShader.
const ROWS = 4u;

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
  let m = tile / tileColumns * ROWS;
  let n = tile % tileColumns * 4u;
  if (m >= params.m) {
    return;
  }
  var rows: array<Row, ROWS>;
  for (var i = 0u; i < ROWS; i++) {
    rows[i] = row_of(m + i); // past the last row: read somewhere, never stored
  }
  let start = initial4(n);
  var sums: array<vec4f, ROWS>;
  for (var i = 0u; i < ROWS; i++) {
    sums[i] = start;
  }
  for (var k = reduction.x; k < reduction.y; k++) {
    let step = step_of(k);
    let b = load_b4(b_row(k), n);
    for (var i = 0u; i < ROWS; i++) {
      sums[i] = fma(vec4f(load_a(rows[i], step)), b, sums[i]);
    }
  }
  for (var i = 0u; i < ROWS; i++) {
    if (m + i < params.m) {
      store4(m + i, n, sums[i]);
    }
  }
}
