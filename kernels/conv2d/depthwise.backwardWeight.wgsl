// dweight[tap, channel] = sum over pixels of x[pixel + tap, channel] * dy[pixel, channel], in parts of image rows that
// merge.wgsl adds up in a fixed order. One more row below the taps is the sum of dy, the bias gradient.
struct Params {
  threads: u32,      // parts of this piece * rows * channels
  rows: u32,         // kernelHeight * kernelWidth, + 1 with the bias gradient
  taps: u32,         // kernelHeight * kernelWidth
  firstPart: u32,
  partsPerUnit: u32, // a unit of images is split into so many parts
  unitRows: u32,     // output rows of a unit
  partRows: u32,
  channels: u32,     // in Elements
  height: u32,
  width: u32,
  outHeight: u32,
  outWidth: u32,
  kernelWidth: u32,
  strideHeight: u32,
  strideWidth: u32,
  paddingHeight: u32,
  paddingWidth: u32,
  dilationHeight: u32,
  dilationWidth: u32,
}

alias Element = f32; // or vec4f: four channels

@group(0) @binding(0) var<storage, read> x: array<Element>;               // [n, h, w, c]
@group(0) @binding(1) var<storage, read> dy: array<Element>;              // [n, oh, ow, c]
@group(0) @binding(2) var<storage, read_write> partials: array<Element>;  // [parts, rows, c]
@group(0) @binding(3) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.threads) {
    return;
  }
  let channel = index % params.channels;
  let tap = index / params.channels % params.rows;
  let part = index / (params.channels * params.rows);
  let isBias = tap == params.taps;
  let down = tap / params.kernelWidth * params.dilationHeight - params.paddingHeight;  // wraps below zero
  let right = tap % params.kernelWidth * params.dilationWidth - params.paddingWidth;
  let unit = part / params.partsPerUnit;
  let first = part % params.partsPerUnit * params.partRows;
  let last = min(first + params.partRows, params.unitRows);
  var sum = Element();
  for (var unitRow = first; unitRow < last; unitRow++) {
    let row = unit * params.unitRows + unitRow; // of all images
    let h = row % params.outHeight * params.strideHeight + down;
    let start = (row / params.outHeight * params.height + h) * params.width;
    for (var column = 0u; column < params.outWidth; column++) {
      let w = column * params.strideWidth + right;
      let isInside = h < params.height && w < params.width;
      let value = select(Element(), x[(start + w) * params.channels + channel], isInside);
      let gradient = dy[(row * params.outWidth + column) * params.channels + channel];
      sum += select(value * gradient, gradient, isBias);
    }
  }
  partials[(params.firstPart * params.rows) * params.channels + index] = sum;
}
