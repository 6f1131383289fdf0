// Gathers: each input element sums the gradients of the windows whose maximum it was. One writer, so no atomics.
struct Params {
  threads: u32,      // n * height * columns * channels
  columns: u32,      // threads along a row of inputs; each takes every columns-th
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

@group(0) @binding(0) var<storage, read> dy: array<Element>;        // [n, oh, ow, c]
@group(0) @binding(1) var<storage, read> argmax: array<u32>;        // [n, oh, ow, channels], kh * kernelWidth + kw
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
  let c = index % params.channels;
  let place = index / params.channels;
  let h = place / params.columns % params.height;
  let n = place / (params.columns * params.height);
  for (var w = place % params.columns; w < params.width; w += params.columns) {
    // only the windows that cover this element are visited: a loop over all taps would divide at each
    let bottom = h + params.paddingHeight;
    let right = w + params.paddingWidth;
    let firstRow = first_window(bottom, (params.kernelHeight - 1u) * params.dilationHeight, params.strideHeight);
    let firstColumn = first_window(right, (params.kernelWidth - 1u) * params.dilationWidth, params.strideWidth);
    let pastRow = min(bottom / params.strideHeight + 1u, params.outHeight);
    let pastColumn = min(right / params.strideWidth + 1u, params.outWidth);
    var sum = Element(0);
    for (var oh = firstRow; oh < pastRow; oh++) {
      let down = bottom - oh * params.strideHeight;
      let kh = down / params.dilationHeight;
      for (var ow = firstColumn; ow < pastColumn; ow++) {
        let across = right - ow * params.strideWidth;
        let kw = across / params.dilationWidth;
        // between the taps of a dilated window: no tap of it is here
        let isTap = kh * params.dilationHeight == down && kw * params.dilationWidth == across;
        let tap = select(0xfffffffeu, kh * params.kernelWidth + kw, isTap);
        let at = ((n * params.outHeight + oh) * params.outWidth + ow) * params.channels + c;
        let isHere = unpacked(argmax[at]) == Taps(tap);
        if (any(isHere)) { // dy is four times as much to read as argmax
          sum += select(Element(0), dy[at], isHere);
        }
      }
    }
    dx[((n * params.height + h) * params.width + w) * params.channels + c] = sum;
  }
}
