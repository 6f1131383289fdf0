// One thread per output element (or per four channels of it): the mean of its own cell. Cells overlap by a row or
// column where the sizes do not divide, and repeat where the output is larger.
alias Element = f32; // vec4f when the channels are a multiple of four

struct Params {
  outputs: u32,    // n * outHeight * outWidth * channels, in Elements
  channels: u32,   // in Elements
  height: u32,
  width: u32,
  outHeight: u32,
  outWidth: u32,
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

  let top = cell_start(oh, params.height, params.outHeight);
  let bottom = cell_end(oh, params.height, params.outHeight);
  let left = cell_start(ow, params.width, params.outWidth);
  let right = cell_end(ow, params.width, params.outWidth);
  var sum = Element(0);
  for (var h = top; h < bottom; h++) {
    for (var w = left; w < right; w++) {
      sum += x[((n * params.height + h) * params.width + w) * params.channels + c];
    }
  }
  y[index] = sum / f32((bottom - top) * (right - left));
}
