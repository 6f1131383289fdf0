// The weight as the gradient of x reads it: taps backwards, output channels as rows, input channels as columns. Of a
// strided convolution only the taps that reach one phase of the input's pixels (backwardInput.ts).
struct Params {
  elements: u32,        // of this phase
  offset: u32,          // of this phase in `flipped`
  tapRows: u32,
  tapColumns: u32,
  firstRow: u32,        // the first kernel row of the phase, and the step to its next
  rowStep: u32,
  firstColumn: u32,
  columnStep: u32,
  kernelWidth: u32,
  channels: u32,        // of x
  groupChannels: u32,
  outChannels: u32,
  groupOutChannels: u32,
}

@group(0) @binding(0) var<storage, read> weight: array<f32>;         // [kh, kw, channel within the group, out]
@group(0) @binding(1) var<storage, read_write> flipped: array<f32>;  // [tap row, tap column, out within the group, channel]
@group(0) @binding(2) var<uniform> params: Params;

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
  let row = params.firstRow + (params.tapRows - 1u - tap / params.tapColumns) * params.rowStep;
  let column = params.firstColumn + (params.tapColumns - 1u - tap % params.tapColumns) * params.columnStep;
  let group = channel / params.groupChannels;
  let source = (row * params.kernelWidth + column) * params.groupChannels + channel % params.groupChannels;
  flipped[params.offset + index] = weight[source * params.outChannels + group * params.groupOutChannels + out];
}
