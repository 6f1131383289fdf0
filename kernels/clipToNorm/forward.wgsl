// gradients *= min(1, maxNorm / norm), the norm read on the GPU: no value travels to the host.
alias Element = f32;

struct Params {
  elements: u32,
  maxNorm: f32,
}

@group(0) @binding(0) var<storage, read> norm: array<f32>;  // [1]
@group(0) @binding(1) var<storage, read_write> gradients: array<Element>;
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
  for (var index = first + lane; index < end; index += WORKGROUP_SIZE) {
    let gradient = gradients[index];
    let factor = min(params.maxNorm / (norm[0] + 1e-6), 1.0);
    // zeros stay zeros even when the norm is not finite: the padding of an arena must never turn into NaN
    gradients[index] = select(gradient * factor, gradient, gradient == Element(0.0));
  }
}
