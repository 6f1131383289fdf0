// From levels to a network's input by table: one thread per pixel. The table holds what the CPU computed for each level,
// so both paths give the same bits; its last column is what an erased pixel becomes.
struct Params {
  outputs: u32,      // pixels of this launch
  firstSample: u32,  // of this launch
  height: u32,
  width: u32,
  channels: u32,     // 1 or 3
  hasErased: u32,
}

@group(0) @binding(0) var<storage, read> x: array<u32>;             // [n, h, w], red in the lowest byte
@group(0) @binding(1) var<storage, read> values: array<f32>;        // [c, 257]
@group(0) @binding(2) var<storage, read> erased: array<i32>;        // [n, 4]: top, left, height, width
@group(0) @binding(3) var<storage, read_write> y: array<f32>;       // [n, h, w, c]
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
  let pixel = x[index];
  var isErased = false;
  if (params.hasErased == 1u) {
    let w = index % params.width;
    let h = (index / params.width) % params.height;
    let at = (index / (params.width * params.height) + params.firstSample) * 4u;
    // wraps below zero, so one test sees both edges
    let isInRows = h - u32(erased[at]) < u32(erased[at + 2u]);
    isErased = isInRows && w - u32(erased[at + 1u]) < u32(erased[at + 3u]);
  }
  for (var c = 0u; c < params.channels; c++) {
    let level = select((pixel >> (8u * c)) & 0xffu, 256u, isErased);
    y[index * params.channels + c] = values[c * 257u + level];
  }
}
