// The second pass: one thread per pixel of the output, over the rows that the first one made.
struct Params {
  outputs: u32,      // pixels of this launch
  firstSample: u32,  // of this launch
  height: u32,
  outHeight: u32,
  outWidth: u32,
  tapRow: u32,       // elements of a row of `taps`
  fill0: u32,
  fill1: u32,
  fill2: u32,
  fill3: u32,
}

@group(0) @binding(0) var<storage, read> resized: array<u32>;         // [n, h, ow]
@group(0) @binding(1) var<storage, read> plan: array<i32>;            // [n, 2 + oh + ow]: top, left, rows, columns
@group(0) @binding(2) var<storage, read> taps: array<i32>;            // [rows, tapRow]: first, count, weights
@group(0) @binding(3) var<storage, read_write> y: array<u32>;         // [n, oh, ow], red in the lowest byte
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
  let oh = (index / params.outWidth) % params.outHeight;
  let piece = index / (params.outWidth * params.outHeight); // sample of this launch
  let at = (piece + params.firstSample) * (2u + params.outHeight + params.outWidth);
  let row = plan[at + 2u + oh];
  let column = plan[at + 2u + params.outHeight + ow];
  if (row < 0 || column < 0) {
    y[index] = fill_of(u32(-1 - min(row, column)));
    return;
  }
  let tap = u32(row) * params.tapRow;
  let first = piece * params.height + u32(plan[at] + taps[tap]);
  let count = u32(taps[tap + 1u]);
  var sum = vec3i(HALF);
  for (var i = 0u; i < count; i++) {
    sum += taps[tap + 2u + i] * levels_of(resized[(first + i) * params.outWidth + ow]);
  }
  y[index] = rounded(sum);
}
