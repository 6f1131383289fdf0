// Core for many columns: lanes lie along n with COLUMNS vec4 each; every lane loads one k of each row of A, and the
// subgroup passes it round by shuffles. Where a load costs ten times a shuffle (lavapipe) this is the fast one.
enable subgroups;

const ROWS = 8u;
const COLUMNS = 2u;

override LANES: u32 = 8; // the subgroup size, which is also the workgroup size

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let reduction = reduction_of(workgroup.z);
  let width = LANES * 4u * COLUMNS;
  let tile = workgroup.y * workgroups.x + workgroup.x;
  let tileColumns = (params.n + width - 1u) / width;
  let m = tile / tileColumns * ROWS;
  let n = tile % tileColumns * width + lane * 4u;
  if (m >= params.m) {
    return; // the whole workgroup, so the shuffles below stay uniform
  }
  var rows: array<Row, ROWS>;
  for (var i = 0u; i < ROWS; i++) {
    rows[i] = row_of(m + i); // past the last row: read somewhere, never stored
  }
  var sums: array<array<vec4f, COLUMNS>, ROWS>;
  for (var j = 0u; j < COLUMNS; j++) {
    let start = initial4(n + j * LANES * 4u);
    for (var i = 0u; i < ROWS; i++) {
      sums[i][j] = start;
    }
  }
  for (var k = reduction.x; k < reduction.y; k += LANES) {
    // past the last k a lane reads somewhere too; `steps` keeps it out of the sums
    let step = step_of(k + lane);
    let bRow = b_row(k + lane);
    var a: array<f32, ROWS>;
    for (var i = 0u; i < ROWS; i++) {
      a[i] = load_a(rows[i], step);
    }
    let steps = min(LANES, reduction.y - k);
    for (var source = 0u; source < steps; source++) {
      let row = subgroupShuffle(bRow, source);
      var b: array<vec4f, COLUMNS>;
      for (var j = 0u; j < COLUMNS; j++) {
        b[j] = load_b4(row, n + j * LANES * 4u);
      }
      for (var i = 0u; i < ROWS; i++) {
        let value = vec4f(subgroupShuffle(a[i], source));
        for (var j = 0u; j < COLUMNS; j++) {
          sums[i][j] = fma(value, b[j], sums[i][j]);
        }
      }
    }
  }
  for (var i = 0u; i < ROWS; i++) {
    if (m + i < params.m) {
      for (var j = 0u; j < COLUMNS; j++) {
        store4(m + i, n + j * LANES * 4u, sums[i][j]);
      }
    }
  }
}
