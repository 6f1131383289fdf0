// The way back of any reduction: each element of x looks up the output it went into. The operand file defines
// gradient(element, at, position): where it lies in the bound piece of x, in that of y, and among the reduced.
struct Params {
  elements: u32,    // of this piece of dx
  start: u32,       // first of them
  yStart: u32,      // where the bound piece of dy starts
  scale: f32,
  extent1: u32,     // extents of the groups of dimensions of x, outermost first; that of group 0 is implied
  extent2: u32,
  extent3: u32,
  extent4: u32,
  extent5: u32,
  y0: u32,          // their strides in y: 0 where the group is reduced
  y1: u32,
  y2: u32,
  y3: u32,
  y4: u32,
  y5: u32,
  position0: u32,   // and in the logical row-major index over the reduced dimensions
  position1: u32,
  position2: u32,
  position3: u32,
  position4: u32,
  position5: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

override WORKGROUP_SIZE: u32 = 64;
override GROUPS: u32 = 6;    // in use

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
  let at = offsets(params.start + index); // in y and the position
  dx[index] = gradient(index, at.x - params.yStart, at.y);
}

fn offsets(index: u32) -> vec2u {
  var rest = index;
  var at = vec2u(0u);
  if (GROUPS > 5u) {
    at += rest % params.extent5 * vec2u(params.y5, params.position5);
    rest /= params.extent5;
  }
  if (GROUPS > 4u) {
    at += rest % params.extent4 * vec2u(params.y4, params.position4);
    rest /= params.extent4;
  }
  if (GROUPS > 3u) {
    at += rest % params.extent3 * vec2u(params.y3, params.position3);
    rest /= params.extent3;
  }
  if (GROUPS > 2u) {
    at += rest % params.extent2 * vec2u(params.y2, params.position2);
    rest /= params.extent2;
  }
  if (GROUPS > 1u) {
    at += rest % params.extent1 * vec2u(params.y1, params.position1);
    rest /= params.extent1;
  }
  return at + rest * vec2u(params.y0, params.position0);
}
