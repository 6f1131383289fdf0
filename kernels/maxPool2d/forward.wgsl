// One thread per output element (or per four channels of it), or for a few of a row: integer divisions cost an emulated
// GPU as much as loads. The first maximum wins a tie, and NaN
// beats every number (the last NaN, if there are several), as in PyTorch.

struct Params {
  threads: u32,      // n * outHeight * columns * channels
  columns: u32,      // threads along a row of outputs; each takes every columns-th
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
@group(0) @binding(2) var<storage, read_write> argmax: array<u32>;     // [n, oh, ow, channels], kh * kernelWidth + kw
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
  let c = index % params.channels;
  let place = index / params.channels;
  let oh = place / params.columns % params.outHeight;
  let n = place / (params.columns * params.outHeight);
  for (var ow = place % params.columns; ow < params.outWidth; ow += params.columns) {
    var best = Element(-0x1.fffffep+127f);
    var bestTap = Taps(0xffffffffu);
    for (var kh = 0u; kh < params.kernelHeight; kh++) {
      let h = oh * params.strideHeight + kh * params.dilationHeight - params.paddingHeight;
      for (var kw = 0u; kw < params.kernelWidth; kw++) {
        let w = ow * params.strideWidth + kw * params.dilationWidth - params.paddingWidth;
        // wraps below zero, so one test clips both edges
        if (h < params.height && w < params.width) {
          let value = x[((n * params.height + h) * params.width + w) * params.channels + c];
          // by its bits: a driver may assume that there are no NaNs
          let isNan = (bitcast<Taps>(value) & Taps(0x7fffffffu)) > Taps(0x7f800000u);
          // -inf must still be chosen over nothing, so the first tap inside always wins
          let better = (value > best) | isNan | (bestTap == Taps(0xffffffffu));
          best = select(best, value, better);
          bestTap = select(bestTap, Taps(kh * params.kernelWidth + kw), better);
        }
      }
    }
    let at = ((n * params.outHeight + oh) * params.outWidth + ow) * params.channels + c;
    y[at] = best;
    argmax[at] = packed(bestTap);
  }
}
