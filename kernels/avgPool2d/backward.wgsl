// Gathers: each input element sums dy over the windows that hold it, each over its own divisor. One writer, no atomics.
alias Element = f32; // vec4f when the channels are a multiple of four

struct Params {
  inputs: u32,           // n * height * width * channels, in Elements
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

@group(0) @binding(0) var<storage, read> dy: array<Element>;        // [n, oh, ow, c]
@group(0) @binding(1) var<storage, read_write> dx: array<Element>;  // [n, h, w, c]
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

// The first window that reaches a position of the padded input.
fn first_window(position: u32, kernel: u32, stride: u32) -> u32 {
  return select((position - kernel) / stride + 1u, 0u, position < kernel);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.inputs) {
    return;
  }
  let c = index % params.channels;
  let pixel = index / params.channels;
  let left = pixel % params.width + params.paddingWidth;
  let top = pixel / params.width % params.height + params.paddingHeight;
  let n = pixel / (params.width * params.height);

  var sum = Element(0);
  let ohEnd = min(top / params.strideHeight + 1u, params.outHeight);
  let owEnd = min(left / params.strideWidth + 1u, params.outWidth);
  for (var oh = first_window(top, params.kernelHeight, params.strideHeight); oh < ohEnd; oh++) {
    let rows = counted(oh, params.strideHeight, params.kernelHeight, params.paddingHeight, params.height, params.countIncludePad);
    for (var ow = first_window(left, params.kernelWidth, params.strideWidth); ow < owEnd; ow++) {
      let columns = counted(ow, params.strideWidth, params.kernelWidth, params.paddingWidth, params.width, params.countIncludePad);
      let divisor = select(f32(rows * columns), f32(params.divisorOverride), params.divisorOverride != 0);
      sum += dy[((n * params.outHeight + oh) * params.outWidth + ow) * params.channels + c] / divisor;
    }
  }
  dx[index] = sum;
}
