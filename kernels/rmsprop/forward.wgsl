// One step of RMSprop over flat memory; `variance` and `direction` are defined by the linked files.
alias Element = f32;

struct Params {
  elements: u32,
  learningRate: f32,
  weightDecay: f32,
  sign: f32,  // -1 to maximise
  alpha: f32,
  newValue: f32,  // 1 - alpha
  eps: f32,
  momentum: f32,
}

@group(0) @binding(0) var<storage, read> gradients: array<Element>;
@group(0) @binding(1) var<storage, read_write> parameters: array<Element>;
@group(0) @binding(2) var<storage, read_write> squareAvg: array<Element>;
@group(0) @binding(3) var<uniform> params: Params;

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
    let square = params.alpha * squareAvg[index] + params.newValue * gradient * gradient;
    squareAvg[index] = square;
    let deviation = sqrt(variance(index, gradient, square)) + Element(params.eps);
    parameters[index] = parameter - params.learningRate * direction(index, gradient / deviation);
  }
}
