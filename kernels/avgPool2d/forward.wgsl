// One thread per output element (or per four channels of it): sum of the window over its divisor.
alias Element = f32; // vec4f when the channels are a multiple of four

struct Params {
  outputs: u32,          // n * outHeight * outWidth * channels, in Elements
  channels: u32,         // in Elements
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
  countIncludePad: u32,
  divisorOverride: i32,  // 0: none
}

@group(0) @binding(0) var<storage, read> x: array<Element>;        // [n, h, w, c]
@group(0) @binding(1) var<storage, read_write> y: array<Element>;  // [n, oh, ow, c]
@group(0) @binding(2) var<uniform> params: Params;

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

  var sum = Element(0);
  for (var kh = 0u; kh < params.kernelHeight; kh++) {
    let h = oh * params.strideHeight + kh - params.paddingHeight;
    for (var kw = 0u; kw < params.kernelWidth; kw++) {
      let w = ow * params.strideWidth + kw - params.paddingWidth;
      // wraps below zero, so one test clips both edges
      if (h < params.height && w < params.width) {
        sum += x[((n * params.height + h) * params.width + w) * params.channels + c];
      }
    }
  }
  let rows = counted(oh, params.strideHeight, params.kernelHeight, params.paddingHeight, params.height, params.countIncludePad);
  let columns = counted(ow, params.strideWidth, params.kernelWidth, params.paddingWidth, params.width, params.countIncludePad);
  let divisor = select(f32(rows * columns), f32(params.divisorOverride), params.divisorOverride != 0);
  y[index] = sum / divisor;
}
