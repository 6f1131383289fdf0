// One thread per output element (or per four channels of it). The first maximum wins a tie, and NaN
// beats every number (the last NaN, if there are several), as in PyTorch.
alias Element = f32; // vec4f when the channels are a multiple of four
alias Index = u32;   // vec4u then

struct Params {
  outputs: u32,      // n * outHeight * outWidth * channels, in Elements
  channels: u32,     // in Elements
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

@group(0) @binding(0) var<storage, read> x: array<Element>;            // [n, h, w, c]
@group(0) @binding(1) var<storage, read_write> y: array<Element>;      // [n, oh, ow, c]
@group(0) @binding(2) var<storage, read_write> argmax: array<Index>;   // [n, oh, ow, c], kh * kernelWidth + kw
@group(0) @binding(3) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.outputs) {
    return;
  }
  let c = index % params.channels;
  let pixel = index / params.channels;
  let ow = pixel % params.outWidth;
  let oh = pixel / params.outWidth % params.outHeight;
  let n = pixel / (params.outWidth * params.outHeight);

  var best = Element(-0x1.fffffep+127f);
  var bestTap = Index(0xffffffffu);
  for (var kh = 0u; kh < params.kernelHeight; kh++) {
    let h = oh * params.strideHeight + kh * params.dilationHeight - params.paddingHeight;
    for (var kw = 0u; kw < params.kernelWidth; kw++) {
      let w = ow * params.strideWidth + kw * params.dilationWidth - params.paddingWidth;
      // wraps below zero, so one test clips both edges
      if (h < params.height && w < params.width) {
        let value = x[((n * params.height + h) * params.width + w) * params.channels + c];
        // by its bits: a driver may assume that there are no NaNs
        let isNan = (bitcast<Index>(value) & Index(0x7fffffffu)) > Index(0x7f800000u);
        // -inf must still be chosen over nothing, so the first tap inside always wins
        let better = (value > best) | isNan | (bestTap == Index(0xffffffffu));
        best = select(best, value, better);
        bestTap = select(bestTap, Index(kh * params.kernelWidth + kw), better);
      }
    }
  }
  y[index] = best;
  argmax[index] = bestTap;
}
