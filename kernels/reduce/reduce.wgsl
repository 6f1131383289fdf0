// Any reduction over any dimensions of a dense tensor: each thread walks one slab of one output's elements. What is done
// with an element is the operand file's business: begin(), accept(offset, position), settle(), finish(at).
struct Params {
  threads: u32,           // outputs * slabs
  outputs: u32,           // of this piece
  firstOutput: u32,       // of this piece, among all
  allOutputs: u32,
  slabs: u32,             // threads that share one output; each writes a partial result of its own when there are several
  interleaved: u32,       // 1: neighbouring threads take neighbouring elements; 0: neighbouring outputs
  firstReduced: u32,      // of this piece
  reduced: u32,           // elements per output in this piece
  xStart: u32,            // where the bound pieces of x and y start
  yStart: u32,
  accumulate: u32,        // 1: the launch before this one left the result of the pieces before
  scale: f32,
  keptExtent1: u32,       // extents of the kept groups of dimensions, outermost first; that of group 0 is implied
  keptExtent2: u32,
  keptExtent3: u32,
  keptExtent4: u32,
  keptExtent5: u32,
  keptX0: u32,            // their strides in x
  keptX1: u32,
  keptX2: u32,
  keptX3: u32,
  keptX4: u32,
  keptX5: u32,
  keptY0: u32,            // and in y
  keptY1: u32,
  keptY2: u32,
  keptY3: u32,
  keptY4: u32,
  keptY5: u32,
  reducedExtent1: u32,    // extents of the reduced groups; that of group 0 is implied
  reducedExtent2: u32,
  reducedExtent3: u32,
  reducedExtent4: u32,
  reducedExtent5: u32,
  reducedX0: u32,         // their strides in x
  reducedX1: u32,
  reducedX2: u32,
  reducedX3: u32,
  reducedX4: u32,
  reducedX5: u32,
  reducedPosition0: u32,  // and in the logical row-major index over the reduced dimensions
  reducedPosition1: u32,
  reducedPosition2: u32,
  reducedPosition3: u32,
  reducedPosition4: u32,
  reducedPosition5: u32,
}

@group(0) @binding(0) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;
override KEPT: u32 = 6;      // groups in use
override REDUCED: u32 = 6;
const BLOCK = 256u;          // sums of at most this many terms, then a sum of sums: float32's error stays small

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let thread = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (thread >= params.threads) {
    return;
  }
  let interleaved = params.interleaved == 1u;
  let output = params.firstOutput + select(thread % params.outputs, thread / params.slabs, interleaved);
  let slab = select(thread / params.outputs, thread % params.slabs, interleaved);
  let base = kept_offsets(output); // in x and y

  let length = (params.reduced + params.slabs - 1u) / params.slabs;
  let step = select(1u, params.slabs, interleaved);
  let first = select(slab * length, slab, interleaved);
  let end = select(min(first + length, params.reduced), params.reduced, interleaved);
  begin();
  for (var start = first; start < end; start += BLOCK * step) {
    for (var i = start; i < min(start + BLOCK * step, end); i += step) {
      let element = reduced_offsets(params.firstReduced + i); // in x and the position
      accept(base.x + element.x - params.xStart, element.y);
    }
    settle();
  }
  let partial = select(slab * params.allOutputs + output, output * params.slabs + slab, interleaved);
  finish(select(partial, base.y - params.yStart, params.slabs == 1u));
}

fn kept_offsets(index: u32) -> vec2u {
  var rest = index;
  var at = vec2u(0u);
  if (KEPT > 5u) {
    at += rest % params.keptExtent5 * vec2u(params.keptX5, params.keptY5);
    rest /= params.keptExtent5;
  }
  if (KEPT > 4u) {
    at += rest % params.keptExtent4 * vec2u(params.keptX4, params.keptY4);
    rest /= params.keptExtent4;
  }
  if (KEPT > 3u) {
    at += rest % params.keptExtent3 * vec2u(params.keptX3, params.keptY3);
    rest /= params.keptExtent3;
  }
  if (KEPT > 2u) {
    at += rest % params.keptExtent2 * vec2u(params.keptX2, params.keptY2);
    rest /= params.keptExtent2;
  }
  if (KEPT > 1u) {
    at += rest % params.keptExtent1 * vec2u(params.keptX1, params.keptY1);
    rest /= params.keptExtent1;
  }
  return at + rest * vec2u(params.keptX0, params.keptY0);
}

fn reduced_offsets(index: u32) -> vec2u {
  var rest = index;
  var at = vec2u(0u);
  if (REDUCED > 5u) {
    at += rest % params.reducedExtent5 * vec2u(params.reducedX5, params.reducedPosition5);
    rest /= params.reducedExtent5;
  }
  if (REDUCED > 4u) {
    at += rest % params.reducedExtent4 * vec2u(params.reducedX4, params.reducedPosition4);
    rest /= params.reducedExtent4;
  }
  if (REDUCED > 3u) {
    at += rest % params.reducedExtent3 * vec2u(params.reducedX3, params.reducedPosition3);
    rest /= params.reducedExtent3;
  }
  if (REDUCED > 2u) {
    at += rest % params.reducedExtent2 * vec2u(params.reducedX2, params.reducedPosition2);
    rest /= params.reducedExtent2;
  }
  if (REDUCED > 1u) {
    at += rest % params.reducedExtent1 * vec2u(params.reducedX1, params.reducedPosition1);
    rest /= params.reducedExtent1;
  }
  return at + rest * vec2u(params.reducedX0, params.reducedPosition0);
}
