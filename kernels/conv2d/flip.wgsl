// The weight as the gradient of x reads it: taps backwards, output channels as rows, input channels as columns.
@group(0) @binding(0) var<storage, read> weight: array<f32>;         // [kh, kw, channel within the group, out]
@group(0) @binding(1) var<storage, read_write> flipped: array<f32>;  // [tap row, tap column, out within the group, channel]

override WORKGROUP_SIZE: u32 = 64;

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
  let channel = index % params.channels;
  let out = index / params.channels % params.groupOutChannels;
  let tap = index / (params.channels * params.groupOutChannels);
  flipped[params.offset + index] = weight[source_of(tap, out, channel)];
}
