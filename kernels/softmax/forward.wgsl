// One thread per row along the normalised dimension. The operand file says what becomes of a value: result().
struct Params {
  rows: u32,         // of this piece
  extent: u32,       // elements of a row
  stride: u32,       // between them
}

@group(0) @binding(0) var<storage, read> x: array<f32>;        // [outer, extent, stride]
@group(0) @binding(1) var<storage, read_write> y: array<f32>;  // [outer, extent, stride]
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (row >= params.rows) {
    return;
  }
  let base = row / params.stride * params.stride * params.extent + row % params.stride;

  var largest = x[base];
  for (var i = 1u; i < params.extent; i++) {
    largest = max(largest, x[base + i * params.stride]);
  }
  var total = 0.0; // at least 1: no overflow, no division by zero
  for (var i = 0u; i < params.extent; i++) {
    total += exp_of(x[base + i * params.stride] - largest);
  }
  let normaliser = normaliser_of(total);
  for (var i = 0u; i < params.extent; i++) {
    let at = base + i * params.stride;
    y[at] = result(x[at] - largest, normaliser);
  }
}
