// One thread per output pixel: the rows it covers, each summed across and rounded to 8 bits, summed down and rounded
// again, as Pillow's two passes; then float32. Sums of 22-bit weights and 8-bit levels are exact in 32 bits.
struct Params {
  outputs: u32,     // pixels of this launch
  firstRow: u32,    // of this launch
  width: u32,       // of the input
  outWidth: u32,
  channels: u32,    // 1: luma, 3: red, green, blue
  columnRow: u32,   // elements of a row of `columns`
  rowRow: u32,
  mean0: f32,
  mean1: f32,
  mean2: f32,
  std0: f32,
  std1: f32,
  std2: f32,
}

@group(0) @binding(0) var<storage, read> x: array<u32>;             // [h, w], red in the lowest byte
@group(0) @binding(1) var<storage, read> columns: array<u32>;       // [ow, columnRow], see taps.wgsl
@group(0) @binding(2) var<storage, read> rows: array<u32>;          // [oh, rowRow]
@group(0) @binding(3) var<storage, read_write> y: array<f32>;       // [oh, ow, c]
@group(0) @binding(4) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

const PRECISION_BITS = 22u;
const HALF = 1u << (PRECISION_BITS - 1u);

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.outputs) {
    return;
  }
  let column = (index % params.outWidth) * params.columnRow;
  let row = (index / params.outWidth + params.firstRow) * params.rowRow;
  let left = columns[column];
  let columnCount = columns[column + 1u];
  let top = rows[row];
  let rowCount = rows[row + 1u];

  var down = vec3u(HALF);
  for (var r = 0u; r < rowCount; r++) {
    let start = (top + r) * params.width + left;
    var across = vec3u(HALF);
    for (var c = 0u; c < columnCount; c++) {
      across += columns[column + 2u + c] * levels_of(x[start + c]);
    }
    down += rows[row + 2u + r] * (across >> vec3u(PRECISION_BITS));
  }
  let scaled = vec3f(down >> vec3u(PRECISION_BITS)) / 255.0;
  let mean = vec3f(params.mean0, params.mean1, params.mean2);
  let deviation = vec3f(params.std0, params.std1, params.std2);
  let normalized = (scaled - mean) / deviation;
  let at = index * params.channels;
  y[at] = normalized.x;
  if (params.channels == 3u) {
    y[at + 1u] = normalized.y;
    y[at + 2u] = normalized.z;
  }
}

/// Red, green and blue; for one channel PIL's luma in each.
fn levels_of(pixel: u32) -> vec3u {
  let rgb = vec3u(pixel & 0xffu, (pixel >> 8u) & 0xffu, (pixel >> 16u) & 0xffu);
  let luma = (19595u * rgb.x + 38470u * rgb.y + 7471u * rgb.z + 0x8000u) >> 16u;
  return select(vec3u(luma), rgb, params.channels == 3u);
}
