// Inference: mean and 1/deviation come from the running statistics, one thread per channel.
struct Params {
  channels: u32,
  eps: f32,
}

@group(0) @binding(0) var<storage, read> runningMean: array<f32>;   // [c]
@group(0) @binding(1) var<storage, read> runningVar: array<f32>;    // [c]
@group(0) @binding(2) var<storage, read_write> mean: array<f32>;    // [2, c]: the mean, what its rounding lost
@group(0) @binding(3) var<storage, read_write> invStd: array<f32>;  // [c]
@group(0) @binding(4) var<uniform> params: Params;

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
  mean[index] = runningMean[index];
  mean[params.channels + index] = 0;
  invStd[index] = 1 / sqrt(runningVar[index] + params.eps);
}
