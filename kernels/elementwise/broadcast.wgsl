// result[k] = the sum over r of term(k, r): arithmetic with broadcasting, forwards and backwards. Forwards nothing is
// summed; backwards the dimensions along which an operand was repeated are. At most six loops in all: the first
// REDUCED of them run over r, the last KEPT over k, and the compiler drops the others.
alias Element = f32; // vec4f when the innermost kept loop is a multiple of four

struct Params {
  results: u32,          // kept units of this launch, in Elements
  terms: u32,            // summed into each of them
  slabs: u32,            // threads that share one sum, each taking every slabs-th term
  slabsInnermost: u32,   // 1: neighbouring threads take neighbouring terms; 0: neighbouring results
  slabStep: u32,         // from one slab's results to the next one's
  resultStart: u32,
  accumulate: u32,       // 1: adds to what is there
  aStart: u32,           // first element of each source
  bStart: u32,
  cStart: u32,
  extent0: u32,
  extent1: u32,
  extent2: u32,
  extent3: u32,
  extent4: u32,
  extent5: u32,
  a0: u32,               // steps of each source along each loop, zero where it is repeated
  a1: u32,
  a2: u32,
  a3: u32,
  a4: u32,
  a5: u32,
  b0: u32,
  b1: u32,
  b2: u32,
  b3: u32,
  b4: u32,
  b5: u32,
  c0: u32,
  c1: u32,
  c2: u32,
  c3: u32,
  c4: u32,
  c5: u32,
}

@group(0) @binding(0) var<storage, read_write> result: array<Element>;
@group(0) @binding(1) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;
override KEPT: u32 = 6;
override REDUCED: u32 = 0;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let thread = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (REDUCED == 0) {
    // a workgroup's block of neighbours; on GPUs it is one turn
    let groups = workgroups.x * workgroups.y;
    let block = (params.results + groups * WORKGROUP_SIZE - 1u) / (groups * WORKGROUP_SIZE) * WORKGROUP_SIZE;
    let first = (workgroup.y * workgroups.x + workgroup.x) * block;
    let end = min(first + block, params.results);
    for (var k = first + lane; k < end; k += WORKGROUP_SIZE) {
      result[k] = term(kept_position(k));
    }
  } else {
    if (thread >= params.results * params.slabs) {
      return;
    }
    let count = select(params.results, params.slabs, params.slabsInnermost == 1);
    let slab = select(thread / count, thread % count, params.slabsInnermost == 1);
    let k = select(thread % count, thread / count, params.slabsInnermost == 1);
    let kept = kept_position(k);
    let at = params.resultStart + slab * params.slabStep + k;
    var sum = Element(0);
    if (params.accumulate == 1) {
      sum = result[at];
    }
    for (var r = slab; r < params.terms; r += params.slabs) {
      sum += term(kept + reduced_position(r));
    }
    result[at] = sum;
  }
}

// Where unit k lies in sources a, b and c.
fn kept_position(k: u32) -> vec3u {
  var rest = k;
  var position = vec3u(params.aStart, params.bStart, params.cStart);
  if (KEPT > 0) { position += step_along(&rest, KEPT == 1, params.extent5, vec3u(params.a5, params.b5, params.c5)); }
  if (KEPT > 1) { position += step_along(&rest, KEPT == 2, params.extent4, vec3u(params.a4, params.b4, params.c4)); }
  if (KEPT > 2) { position += step_along(&rest, KEPT == 3, params.extent3, vec3u(params.a3, params.b3, params.c3)); }
  if (KEPT > 3) { position += step_along(&rest, KEPT == 4, params.extent2, vec3u(params.a2, params.b2, params.c2)); }
  if (KEPT > 4) { position += step_along(&rest, KEPT == 5, params.extent1, vec3u(params.a1, params.b1, params.c1)); }
  if (KEPT > 5) { position += step_along(&rest, KEPT == 6, params.extent0, vec3u(params.a0, params.b0, params.c0)); }
  return position;
}

fn reduced_position(r: u32) -> vec3u {
  var rest = r;
  var position = vec3u(0);
  if (REDUCED > 5) { position += step_along(&rest, false, params.extent5, vec3u(params.a5, params.b5, params.c5)); }
  if (REDUCED > 4) { position += step_along(&rest, false, params.extent4, vec3u(params.a4, params.b4, params.c4)); }
  if (REDUCED > 3) { position += step_along(&rest, false, params.extent3, vec3u(params.a3, params.b3, params.c3)); }
  if (REDUCED > 2) { position += step_along(&rest, false, params.extent2, vec3u(params.a2, params.b2, params.c2)); }
  if (REDUCED > 1) { position += step_along(&rest, false, params.extent1, vec3u(params.a1, params.b1, params.c1)); }
  if (REDUCED > 0) { position += step_along(&rest, true, params.extent0, vec3u(params.a0, params.b0, params.c0)); }
  return position;
}

// The outermost loop takes all that is left, so it needs no division.
fn step_along(rest: ptr<function, u32>, outermost: bool, extent: u32, steps: vec3u) -> vec3u {
  if (outermost) {
    return *rest * steps;
  }
  let index = *rest % extent;
  *rest /= extent;
  return index * steps;
}
