// Core for few columns (LeNet-5's 6 and 16 channels): lanes lie along m with ROWS rows each; every lane loads one k of
// each column of B, and the subgroup passes it round by shuffles. The mirror image of wide.wgsl.
enable subgroups;

const ROWS = 4u;
const COLUMNS = 16u; // a multiple of four

override LANES: u32 = 8; // the subgroup size, which is also the workgroup size

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let reduction = reduction_of(workgroup.z);
  let height = LANES * ROWS;
  let tile = workgroup.y * workgroups.x + workgroup.x;
  let tileColumns = (params.n + COLUMNS - 1u) / COLUMNS;
  let m = tile / tileColumns * height + lane;
  let n = tile % tileColumns * COLUMNS;
  if (tile / tileColumns * height >= params.m) {
    return; // the whole workgroup, so the shuffles below stay uniform
  }
  var rows: array<Row, ROWS>;
  for (var i = 0u; i < ROWS; i++) {
    rows[i] = row_of(m + i * LANES); // past the last row: read somewhere, never stored
  }
  var sums: array<array<vec4f, COLUMNS / 4u>, ROWS>;
  for (var j = 0u; j < COLUMNS / 4u; j++) {
    let start = initial4(n + j * 4u);
    for (var i = 0u; i < ROWS; i++) {
      sums[i][j] = start;
    }
  }
  let quads = min(COLUMNS / 4u, (params.n - n + 3u) / 4u);
  for (var segment = reduction.x; segment < reduction.y; segment++) {
    var walks: array<Walk, ROWS>;
    for (var i = 0u; i < ROWS; i++) {
      walks[i] = walk_of(rows[i], segment);
    }
    for (var k = 0u; k < params.k; k += LANES) {
      // past the last k a lane reads somewhere too; `steps` keeps it out of the sums
      let bRow = b_row(segment * params.k + k + lane);
      var b: array<vec4f, COLUMNS / 4u>;
      for (var j = 0u; j < quads; j++) {
        b[j] = load_b4(bRow, n + j * 4u);
      }
      let steps = min(LANES, params.k - k);
      for (var source = 0u; source < steps; source++) {
        var a: array<f32, ROWS>;
        for (var i = 0u; i < ROWS; i++) {
          a[i] = load_a(walks[i], k + source);
        }
        for (var j = 0u; j < COLUMNS / 4u; j++) {
          let value = subgroupShuffle(b[j], source);
          for (var i = 0u; i < ROWS; i++) {
            sums[i][j] = fma(vec4f(a[i]), value, sums[i][j]);
          }
        }
      }
    }
  }
  // a copy, since a store for each sum would take longer to compile than all the rest
  var results = sums;
  let filled = min(ROWS, (params.m - min(m, params.m) + LANES - 1u) / LANES);
  for (var i = 0u; i < filled; i++) {
    for (var j = 0u; j < quads; j++) {
      store4(m + i * LANES, n + j * 4u, results[i][j]);
    }
  }
}
