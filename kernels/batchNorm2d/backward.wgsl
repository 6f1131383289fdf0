// Training: dx = weight * invStd * (dy - mean(dy) - xhat * mean(dy * xhat)). A thread keeps its channel's numbers for
// several rows.
alias Element = f32; // vec4f when the channels are a multiple of four

struct Params {
  rows: u32,       // n * height * width of this piece
  totalRows: u32,  // of the whole
  blocks: u32,     // threads per channel; each takes every blocks-th row
  channels: u32,   // in Elements
  hasWeight: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Element>;          // [rows, c]
@group(0) @binding(1) var<storage, read> dy: array<Element>;         // [rows, c]
@group(0) @binding(2) var<storage, read> mean: array<Element>;       // [2, c]: the mean, what its rounding lost
@group(0) @binding(3) var<storage, read> invStd: array<Element>;     // [c]
@group(0) @binding(4) var<storage, read> weight: array<Element>;     // [c], anything where there is none
@group(0) @binding(5) var<storage, read> sumDy: array<Element>;      // [c]
@group(0) @binding(6) var<storage, read> sumDyXhat: array<Element>;  // [c]
@group(0) @binding(7) var<storage, read_write> dx: array<Element>;   // [rows, c]
@group(0) @binding(8) var<uniform> params: Params;

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
  let rest = mean[params.channels + c];
  let totalRows = f32(params.totalRows);
  let slope = invStd[c] * sumDyXhat[c] / totalRows;
  // mean(dy) and the rest's part of xhat: beside each x it could be merged into center, which has no digits left for it
  let shift = sumDy[c] / totalRows - rest * slope;
  var scale = invStd[c];
  if (params.hasWeight != 0u) {
    scale *= weight[c];
  }
  for (var row = index / params.channels; row < params.rows; row += params.blocks) {
    let at = row * params.channels + c;
    dx[at] = scale * (dy[at] - shift - (x[at] - center) * slope);
  }
}
