// dx[pixel, channel] = sum over taps of dy[the output pixel that the tap maps there, channel] * weight[tap, channel].
// Four neighbouring pixels a thread, as in depthwise.forward.wgsl.
struct Params {
  threads: u32,    // images * height * quads * channels
  quads: u32,      // runs of four input columns in a row
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
}

alias Element = f32; // or vec4f: four channels

@group(0) @binding(0) var<storage, read> dy: array<Element>;        // [n, oh, ow, c]
@group(0) @binding(1) var<storage, read> weight: array<Element>;    // [kh, kw, c]
@group(0) @binding(2) var<storage, read_write> dx: array<Element>;  // [n, h, w, c]
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
  let run = index / params.channels;
  let column = run % params.quads * 4u;
  let row = run / params.quads; // of all images
  let image = row / params.height;
  let bottom = row % params.height + params.paddingHeight;
  var sums: array<Element, 4>;
  for (var tapRow = 0u; tapRow < params.kernelHeight; tapRow++) {
    let top = bottom - tapRow * params.dilationHeight; // oh * stride; wraps below zero
    let oh = top / params.strideHeight;
    if (oh >= params.outHeight || oh * params.strideHeight != top) {
      continue;
    }
    let start = (image * params.outHeight + oh) * params.outWidth;
    for (var tapColumn = 0u; tapColumn < params.kernelWidth; tapColumn++) {
      let factor = weight[(tapRow * params.kernelWidth + tapColumn) * params.channels + channel];
      for (var i = 0u; i < 4u; i++) {
        let left = column + i + params.paddingWidth - tapColumn * params.dilationWidth;
        let ow = left / params.strideWidth;
        let value = dy[(start + ow) * params.channels + channel];
        sums[i] += select(Element(), value * factor, ow < params.outWidth && ow * params.strideWidth == left);
      }
    }
  }
  for (var i = 0u; i < min(4u, params.width - column); i++) {
    dx[(row * params.width + column + i) * params.channels + channel] = sums[i];
  }
}
