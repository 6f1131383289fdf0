// One step of stochastic gradient descent over flat memory; `direction` is defined by the linked momentum file.
alias Element = f32;

struct Params {
  elements: u32,
  learningRate: f32,
  weightDecay: f32,
  sign: f32,  // -1 to maximise
  momentum: f32,
  keptGradient: f32,  // 1 - dampening
  first: u32,  // 1 in the first step, which sets the momentum buffer
  nesterov: u32,
}

@group(0) @binding(0) var<storage, read> gradients: array<Element>;
@group(0) @binding(1) var<storage, read_write> parameters: array<Element>;
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
    let parameter = parameters[index];
    let gradient = params.sign * gradients[index] + params.weightDecay * parameter;
    parameters[index] = parameter - params.learningRate * direction(index, gradient);
  }
}
