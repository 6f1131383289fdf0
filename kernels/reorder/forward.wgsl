// Copies a tensor into another physical order. Bits move, so it serves every 32-bit type.
struct Params {
  elements: u32,     // written by this launch
  start: u32,        // first of them, in the output's physical order
  extent1: u32,      // extents of the output's physical dimensions, innermost last; the outermost is implied
  extent2: u32,
  extent3: u32,
  extent4: u32,
  extent5: u32,
  stride0: u32,      // step in x for each of them
  stride1: u32,
  stride2: u32,
  stride3: u32,
  stride4: u32,
  stride5: u32,
}

@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.elements) {
    return;
  }
  var rest = params.start + index;
  var source = rest % params.extent5 * params.stride5;
  rest /= params.extent5;
  source += rest % params.extent4 * params.stride4;
  rest /= params.extent4;
  source += rest % params.extent3 * params.stride3;
  rest /= params.extent3;
  source += rest % params.extent2 * params.stride2;
  rest /= params.extent2;
  source += rest % params.extent1 * params.stride1;
  source += rest / params.extent1 * params.stride0;
  y[index] = x[source];
}
