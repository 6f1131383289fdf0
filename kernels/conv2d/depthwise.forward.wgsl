// y[pixel, channel] = sum over taps of x[pixel + tap, channel] * weight[tap, channel]: every channel a convolution of its
// own, as in MobileNet. Four neighbouring pixels a thread, so that a weight is loaded once for four.
struct Params {
  threads: u32,    // images * outHeight * quads * channels
  quads: u32,      // runs of four output columns in a row
  channels: u32,   // in Elements
  height: u32,
  width: u32,
  outHeight: u32,
  outWidth: u32,
  kernelHeight: u32,
  kernelWidth: u32,
  strideHeight: u32,
  strideWidth: u32,
  paddingHeight: u32,
  paddingWidth: u32,
  dilationHeight: u32,
  dilationWidth: u32,
  hasBias: u32,
  relu: u32,       // 1: max(y, 0) is stored
}

alias Element = f32; // or vec4f: four channels

@group(0) @binding(0) var<storage, read> x: array<Element>;        // [n, h, w, c]
@group(0) @binding(1) var<storage, read> weight: array<Element>;   // [kh, kw, c]
@group(0) @binding(2) var<storage, read> bias: array<Element>;     // [c]
@group(0) @binding(3) var<storage, read_write> y: array<Element>;  // [n, oh, ow, c]
@group(0) @binding(4) var<uniform> params: Params;

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
  let run = index / params.channels;
  let column = run % params.quads * 4u;
  let row = run / params.quads; // of all images
  let image = row / params.outHeight;
  let top = row % params.outHeight * params.strideHeight - params.paddingHeight;  // wraps below zero
  let left = column * params.strideWidth - params.paddingWidth;
  var sums: array<Element, 4>;
  if (params.hasBias != 0u) {
    let start = bias[channel];
    sums = array(start, start, start, start);
  }
  for (var tapRow = 0u; tapRow < params.kernelHeight; tapRow++) {
    let h = top + tapRow * params.dilationHeight;
    if (h >= params.height) {
      continue;
    }
    let start = (image * params.height + h) * params.width;
    for (var tapColumn = 0u; tapColumn < params.kernelWidth; tapColumn++) {
      let factor = weight[(tapRow * params.kernelWidth + tapColumn) * params.channels + channel];
      for (var i = 0u; i < 4u; i++) {
        let w = left + tapColumn * params.dilationWidth + i * params.strideWidth;
        let value = x[(start + w) * params.channels + channel];
        sums[i] += select(Element(), value * factor, w < params.width);
      }
    }
  }
  for (var i = 0u; i < min(4u, params.outWidth - column); i++) {
    let sum = sums[i];
    y[(row * params.outWidth + column + i) * params.channels + channel] = select(
      sum,
      select(sum, Element(), sum <= Element()), // NaN stays NaN
      params.relu != 0u,
    );
  }
}
