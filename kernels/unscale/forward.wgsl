// gradients *= factor, and found[0] becomes 1 where one is infinite or NaN: what loss scaling does before a step.
alias Element = f32;
alias Bits = u32; // as many lanes as Element has

struct Params {
  elements: u32,
  factor: f32,
}

@group(0) @binding(0) var<storage, read_write> gradients: array<Element>;
@group(0) @binding(1) var<storage, read_write> found: array<atomic<u32>>;  // [1]
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // a workgroup's block of neighbours; on GPUs it is one turn
  let groups = workgroups.x * workgroups.y;
  let block = (params.elements + groups * WORKGROUP_SIZE - 1u) / (groups * WORKGROUP_SIZE) * WORKGROUP_SIZE;
  let first = (workgroup.y * workgroups.x + workgroup.x) * block;
  let end = min(first + block, params.elements);
  var isFinite = true;
  for (var index = first + lane; index < end; index += WORKGROUP_SIZE) {
    let gradient = gradients[index];
    // by its bits, since compilers may assume that there are no infinities
    // on a line of its own: Chromium 147 makes invalid SPIR-V of all(), of one lane, to the right of &&
    let isOneFinite = all((bitcast<Bits>(gradient) & Bits(0x7f800000u)) != Bits(0x7f800000u));
    isFinite = isFinite && isOneFinite;
    gradients[index] = gradient * params.factor;
  }
  if (!isFinite) {
    atomicStore(&found[0], 1u);
  }
}
