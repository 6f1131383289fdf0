// Inference: what the apply pass needs comes from the running statistics, one thread per channel.
struct Params {
  channels: u32,
  eps: f32,
  hasWeight: u32,
  hasBias: u32,
}

@group(0) @binding(0) var<storage, read> runningMean: array<f32>;       // [c]
@group(0) @binding(1) var<storage, read> runningVar: array<f32>;        // [c]
@group(0) @binding(2) var<storage, read> weight: array<f32>;            // [c], anything where there is none
@group(0) @binding(3) var<storage, read> bias: array<f32>;              // [c], anything where there is none
@group(0) @binding(4) var<storage, read_write> perChannel: array<f32>;  // [5, c]: mean, its rest, invStd, scale, shift
@group(0) @binding(5) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.channels) {
    return;
  }
  let invStd = 1 / sqrt(runningVar[index] + params.eps);
  perChannel[index] = runningMean[index];
  perChannel[params.channels + index] = 0;
  perChannel[2u * params.channels + index] = invStd;
  var scale = invStd;
  if (params.hasWeight != 0u) {
    scale *= weight[index];
  }
  perChannel[3u * params.channels + index] = scale;
  var displacement = 0.0;
  if (params.hasBias != 0u) {
    displacement = bias[index];
  }
  perChannel[4u * params.channels + index] = displacement;
}
