// Core for many columns: lanes lie along n with COLUMNS vec4 each; every lane loads one k of each row of A, and the
// subgroup passes it round by shuffles. Where a load costs ten times a shuffle (lavapipe) this is the fast one.
enable subgroups;

const ROWS = 16u;
const QUADS = 4u; // of rows
const COLUMNS = 2u;

override LANES: u32 = 8; // the subgroup size, which is also the workgroup size

/// Lane l has the walks of rows l % 4, l % 4 + 4, …
var<private> own: array<Walk, QUADS>;

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
  let height = min(ROWS, params.m - m);
  var rows: array<Row, QUADS>;
  for (var i = 0u; i < QUADS; i++) {
    rows[i] = row_of(m + i * 4u + lane % 4u); // past the last row: read somewhere, never stored
  }
  var sums: array<array<vec4f, COLUMNS>, ROWS>;
  for (var j = 0u; j < COLUMNS; j++) {
    let start = initial4(n + j * LANES * 4u);
    for (var i = 0u; i < ROWS; i++) {
      sums[i][j] = start;
    }
  }
  for (var segment = reduction.x; segment < reduction.y; segment++) {
    for (var i = 0u; i < QUADS; i++) {
      own[i] = walk_of(rows[i], segment);
    }
    for (var k = 0u; k < params.k; k += LANES) {
      // past the last k a lane reads somewhere too; `steps` keeps it out of the sums
      var a: array<vec4f, QUADS>;
      for (var i = 0u; i < QUADS; i++) {
        a[i] = load_a4(own[i], k, lane);
      }
      let steps = min(LANES, params.k - k);
      let first = segment * params.k + k;
      for (var source = 0u; source < steps; source++) {
        let row = b_row(first + source);
        var b: array<vec4f, COLUMNS>;
        for (var j = 0u; j < COLUMNS; j++) {
          b[j] = load_b4(row, n + j * LANES * 4u);
        }
        for (var i = 0u; i < QUADS; i++) {
          let values = subgroupShuffle(a[i], source);
          for (var r = 0u; r < 4u; r++) {
            for (var j = 0u; j < COLUMNS; j++) {
              sums[i * 4u + r][j] = fma(vec4f(values[r]), b[j], sums[i * 4u + r][j]);
            }
          }
        }
      }
    }
  }
  // a copy, and a loop whose length no compiler can bound: unrolled, the stores would take longer to compile than the rest
  var results = sums;
  for (var row = m; row < m + height; row++) {
    for (var j = 0u; j < COLUMNS; j++) {
      store4(row, n + j * LANES * 4u, results[row - m][j]);
    }
  }
}
