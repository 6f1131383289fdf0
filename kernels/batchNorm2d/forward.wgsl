// The apply pass: y = (x - mean) * invStd * weight + bias. A thread keeps its channel's numbers for several rows.
alias Element = f32; // vec4f when the channels are a multiple of four

struct Params {
  rows: u32,      // n * height * width of this piece
  blocks: u32,    // threads per channel; each takes every blocks-th row
  channels: u32,  // in Elements
  hasWeight: u32,
  hasBias: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Element>;        // [rows, c]
@group(0) @binding(1) var<storage, read> mean: array<Element>;     // [2, c]: the mean, what its rounding lost
@group(0) @binding(2) var<storage, read> invStd: array<Element>;   // [c]
@group(0) @binding(3) var<storage, read> weight: array<Element>;   // [c], anything where there is none
@group(0) @binding(4) var<storage, read> bias: array<Element>;     // [c], anything where there is none
@group(0) @binding(5) var<storage, read_write> y: array<Element>;  // [rows, c]
@group(0) @binding(6) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.blocks * params.channels) {
    return;
  }
  let c = index % params.channels;
  let center = mean[c];
  var scale = invStd[c];
  if (params.hasWeight != 0u) {
    scale *= weight[c];
  }
  var shift = -mean[params.channels + c] * scale;
  if (params.hasBias != 0u) {
    shift += bias[c];
  }
  for (var row = index / params.channels; row < params.rows; row += params.blocks) {
    let at = row * params.channels + c;
    // the difference first: it is exact near the mean, however large that is
    y[at] = (x[at] - center) * scale + shift;
  }
}
