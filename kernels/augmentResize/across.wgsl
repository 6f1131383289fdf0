// The first of Pillow's two passes: one thread per row of the input and column of the output, summed in fixed point and
// rounded to 8 bits. A column that a padding shows is left to the second pass.
struct Params {
  outputs: u32,      // pixels of this launch
  firstSample: u32,  // of this launch
  height: u32,
  width: u32,
  outHeight: u32,
  outWidth: u32,
  tapRow: u32,       // elements of a row of `taps`
}

@group(0) @binding(0) var<storage, read> x: array<u32>;               // [n, h, w], red in the lowest byte
@group(0) @binding(1) var<storage, read> plan: array<i32>;            // [n, 2 + oh + ow]: top, left, rows, columns
@group(0) @binding(2) var<storage, read> taps: array<i32>;            // [rows, tapRow]: first, count, weights
@group(0) @binding(3) var<storage, read_write> resized: array<u32>;   // [n, h, ow]
@group(0) @binding(4) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

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
  let ow = index % params.outWidth;
  let row = index / params.outWidth; // of all samples
  let n = row / params.height + params.firstSample;
  let at = n * (2u + params.outHeight + params.outWidth);
  let column = plan[at + 2u + params.outHeight + ow];
  if (column < 0) {
    return;
  }
  let tap = u32(column) * params.tapRow;
  let start = row * params.width + u32(plan[at + 1u] + taps[tap]);
  let count = u32(taps[tap + 1u]);
  var sum = vec3i(HALF);
  for (var i = 0u; i < count; i++) {
    sum += taps[tap + 2u + i] * levels_of(x[start + i]);
  }
  resized[index] = rounded(sum);
}
