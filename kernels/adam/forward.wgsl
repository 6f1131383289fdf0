// One step of Adam or AdamW over flat memory. The host computes bias corrections in float64: 1 - beta2 ^ step would
// lose half its digits here.
alias Element = f32;

struct Params {
  elements: u32,
  sign: f32,  // -1 to maximise
  coupledDecay: f32,  // Adam: weight decay joins the gradient
  keptParameter: f32,  // AdamW: 1 - lr * weightDecay
  beta1: f32,
  newGradient: f32,  // 1 - beta1
  beta2: f32,
  newSquare: f32,  // 1 - beta2
  stepSize: f32,  // lr / (1 - beta1 ^ step)
  rootCorrection: f32,  // 1 / sqrt(1 - beta2 ^ step)
  eps: f32,
}

@group(0) @binding(0) var<storage, read> gradients: array<Element>;
@group(0) @binding(1) var<storage, read_write> parameters: array<Element>;
@group(0) @binding(2) var<storage, read_write> expAvg: array<Element>;
@group(0) @binding(3) var<storage, read_write> expAvgSq: array<Element>;
@group(0) @binding(4) var<uniform> params: Params;

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
    let gradient = params.sign * gradients[index] + params.coupledDecay * parameter;
    let mean = params.beta1 * expAvg[index] + params.newGradient * gradient;
    let square = params.beta2 * expAvgSq[index] + params.newSquare * gradient * gradient;
    expAvg[index] = mean;
    expAvgSq[index] = square;
    let deviation = sqrt(square) * params.rootCorrection + Element(params.eps);
    parameters[index] = params.keptParameter * parameter - params.stepSize * mean / deviation;
  }
}
