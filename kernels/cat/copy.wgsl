// Copies one input into its place in y, or its part of dy back: at most six loops, each with a step in both tensors.
// Bits move, so it serves every 32-bit type.
alias Element = u32; // vec4u when the innermost loop and every place are multiples of four

struct Params {
  elements: u32,    // copied by this launch, in Elements, as are starts and steps
  xStart: u32,
  yStart: u32,
  extent1: u32,     // extents of the loops, innermost last; the outermost takes what is left
  extent2: u32,
  extent3: u32,
  extent4: u32,
  extent5: u32,
  x0: u32,          // step of each loop in x, the tensor that is read
  x1: u32,
  x2: u32,
  x3: u32,
  x4: u32,
  x5: u32,
  y0: u32,          // and in y, the one that is written
  y1: u32,
  y2: u32,
  y3: u32,
  y4: u32,
  y5: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read_write> y: array<Element>;
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;
override LOOPS: u32 = 6; // the compiler drops the outer ones that are not there

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
  var rest = index;
  var place = vec2u(params.xStart, params.yStart);
  if (LOOPS > 1) { place += step_along(&rest, params.extent5, vec2u(params.x5, params.y5)); }
  if (LOOPS > 2) { place += step_along(&rest, params.extent4, vec2u(params.x4, params.y4)); }
  if (LOOPS > 3) { place += step_along(&rest, params.extent3, vec2u(params.x3, params.y3)); }
  if (LOOPS > 4) { place += step_along(&rest, params.extent2, vec2u(params.x2, params.y2)); }
  if (LOOPS > 5) { place += step_along(&rest, params.extent1, vec2u(params.x1, params.y1)); }
  place += rest * vec2u(params.x0, params.y0);
  y[place.y] = x[place.x];
}

fn step_along(rest: ptr<function, u32>, extent: u32, steps: vec2u) -> vec2u {
  let index = *rest % extent;
  *rest /= extent;
  return index * steps;
}
