// Core for few columns (LeNet-5's 6 and 16 channels): lanes lie along m with four rows each; every lane loads one k of
// each column of B, and the subgroup passes it round by shuffles. The mirror image of wide.wgsl.
// Linked with a file that defines add_products(k: u32, steps: u32, quads: u32), which adds that many k of the segment.
enable subgroups;

const ROWS = 4u;
const QUADS = 4u; // of columns

override LANES: u32 = 8; // the subgroup size, which is also the workgroup size

/// A lane's rows, which follow each other, its own k of B, and its sums.
var<private> own: array<Walk, ROWS>;
var<private> columns: array<vec4f, QUADS>;
var<private> sums: array<array<vec4f, QUADS>, ROWS>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let reduction = reduction_of(workgroup.z);
  let tile = workgroup.y * workgroups.x + workgroup.x;
  let tileColumns = (params.n + 4u * QUADS - 1u) / (4u * QUADS);
  let firstRow = tile / tileColumns * LANES * ROWS;
  let m = firstRow + lane * ROWS;
  let n = tile % tileColumns * 4u * QUADS;
  if (firstRow >= params.m) {
    return; // the whole workgroup, so the shuffles below stay uniform
  }
  var rows: array<Row, ROWS>;
  for (var i = 0u; i < ROWS; i++) {
    rows[i] = row_of(m + i); // past the last row: read somewhere, never stored
  }
  let quads = min(QUADS, (params.n - n + 3u) / 4u);
  // Loops whose length no compiler can bound, here and below, over arrays that are copied: unrolled, the loads and stores
  // of single values would take longer to compile than all the rest.
  let end = n + quads * 4u;
  var starts: array<vec4f, QUADS>;
  for (var column = n; column < end; column += 4u) {
    starts[(column - n) / 4u] = initial4(column);
  }
  for (var j = 0u; j < QUADS; j++) {
    for (var i = 0u; i < ROWS; i++) {
      sums[i][j] = starts[j];
    }
  }
  for (var segment = reduction.x; segment < reduction.y; segment++) {
    for (var i = 0u; i < ROWS; i++) {
      own[i] = walk_of(rows[i], segment);
    }
    for (var k = 0u; k < params.k; k += LANES) {
      // past the last k a lane reads somewhere too; the number of steps keeps it out of the sums
      let bRow = b_row(segment * params.k + k + lane);
      var loaded: array<vec4f, QUADS>;
      for (var column = n; column < end; column += 4u) {
        loaded[(column - n) / 4u] = load_b4(bRow, column);
      }
      columns = loaded;
      add_products(k, min(LANES, params.k - k), quads);
    }
  }
  var results = sums;
  let filled = min(ROWS, params.m - min(m, params.m));
  for (var row = m; row < m + filled; row++) {
    for (var column = n; column < end; column += 4u) {
      store4(row, column, results[row - m][(column - n) / 4u]);
    }
  }
}
