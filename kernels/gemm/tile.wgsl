// Core for GPUs: a workgroup stages a tile of A and one of B in its memory, 1024 values each, and each thread keeps
// 4 QUADS x 4 QUADS sums in registers. A value is read from device memory once for 64 QUADS rows or columns.

const QUADS = 1u; // of rows and of columns a thread: 1 makes tiles of 64 x 64 x 16, 2 of 128 x 128 x 8

const SIDE = 16u;               // threads along m and along n
const WIDTH = SIDE * QUADS;     // of a tile, in quads
const DEPTH = 16u / QUADS;      // of a tile, in k
/// One more than a row needs, so that threads that write below each other meet different banks.
const STEP = WIDTH + 1u;

var<workgroup> tileA: array<vec4f, STEP * DEPTH>;  // [k][four rows]
var<workgroup> tileB: array<vec4f, WIDTH * DEPTH>; // [k][four columns]

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let reduction = reduction_of(workgroup.z);
  let tile = workgroup.y * workgroups.x + workgroup.x;
  let tileColumns = (params.n + 4u * WIDTH - 1u) / (4u * WIDTH);
  let firstRow = tile / tileColumns * 4u * WIDTH;
  let firstColumn = tile % tileColumns * 4u * WIDTH;
  if (firstRow >= params.m) {
    return; // the whole workgroup, so the barriers below stay uniform
  }
  // what this thread brings: four rows of A at one k, four columns of B at one k
  let ownK = thread % DEPTH;
  let ownRows = thread / DEPTH;
  let depthB = thread / WIDTH;
  let ownColumns = thread % WIDTH;
  // what it computes
  let across = thread % SIDE;
  let down = thread / SIDE;
  var rows: array<Row, 4>;
  for (var i = 0u; i < 4u; i++) {
    rows[i] = row_of(firstRow + ownRows * 4u + i); // past the last row: read somewhere, never stored
  }
  var sums: array<array<vec4f, QUADS>, QUADS * 4u>;
  for (var j = 0u; j < QUADS; j++) {
    let start = initial4(firstColumn + (across + j * SIDE) * 4u);
    for (var i = 0u; i < QUADS * 4u; i++) {
      sums[i][j] = start;
    }
  }
  for (var segment = reduction.x; segment < reduction.y; segment++) {
    var walks: array<Walk, 4>;
    for (var i = 0u; i < 4u; i++) {
      walks[i] = walk_of(rows[i], segment);
    }
    for (var k = 0u; k < params.k; k += DEPTH) {
      var a = vec4f();
      if (k + ownK < params.k) {
        for (var i = 0u; i < 4u; i++) {
          a[i] = load_a(walks[i], k + ownK);
        }
      }
      var b = vec4f();
      if (k + depthB < params.k) {
        b = load_b4(b_row(segment * params.k + k + depthB), firstColumn + ownColumns * 4u);
      }
      workgroupBarrier();
      tileA[ownK * STEP + ownRows] = a;
      tileB[depthB * WIDTH + ownColumns] = b;
      workgroupBarrier();
      for (var place = 0u; place < DEPTH; place++) {
        var columns: array<vec4f, QUADS>;
        for (var j = 0u; j < QUADS; j++) {
          columns[j] = tileB[place * WIDTH + across + j * SIDE];
        }
        for (var i = 0u; i < QUADS; i++) {
          let values = tileA[place * STEP + down + i * SIDE];
          for (var r = 0u; r < 4u; r++) {
            for (var j = 0u; j < QUADS; j++) {
              sums[i * 4u + r][j] = fma(vec4f(values[r]), columns[j], sums[i * 4u + r][j]);
            }
          }
        }
      }
    }
  }
  for (var i = 0u; i < QUADS; i++) {
    for (var r = 0u; r < 4u; r++) {
      let m = firstRow + (down + i * SIDE) * 4u + r;
      if (m < params.m) {
        for (var j = 0u; j < QUADS; j++) {
          store4(m, firstColumn + (across + j * SIDE) * 4u, sums[i * 4u + r][j]);
        }
      }
    }
  }
}
