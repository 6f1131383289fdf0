// One thread per row: the row's sum of term(y, dy), then each element's gradient(). From y alone, x is not needed.
struct Params {
  rows: u32,         // of this piece
  extent: u32,       // elements of a row
  stride: u32,       // between them
}

@group(0) @binding(0) var<storage, read> y: array<f32>;         // [outer, extent, stride]
@group(0) @binding(1) var<storage, read> dy: array<f32>;        // [outer, extent, stride]
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;  // [outer, extent, stride]
@group(0) @binding(3) var<uniform> params: Params;

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

  var sum = 0.0;
  for (var i = 0u; i < params.extent; i++) {
    let at = base + i * params.stride;
    sum += term(y[at], dy[at]);
  }
  for (var i = 0u; i < params.extent; i++) {
    let at = base + i * params.stride;
    dx[at] = gradient(y[at], dy[at], sum);
  }
}
