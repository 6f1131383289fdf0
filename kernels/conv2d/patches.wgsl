// Where an output pixel and a tap of the kernel meet in the input: operand A of the forward pass and of the weight
// gradient, whose roles are swapped (pixels are rows there and the reduction here).
@group(0) @binding(0) var<storage, read> x: array<f32>;  // [n, h, w, c]

struct Pixel {
  start: u32,  // index of its window's first element in x, channel 0; wraps where the window begins in the padding
  top: u32,    // input row of the window's first tap; wraps below zero
  left: u32,
}

fn pixel_of(index: u32) -> Pixel {
  let ow = index % params.outWidth;
  let oh = index / params.outWidth % params.outHeight;
  let n = index / (params.outWidth * params.outHeight);
  let top = oh * params.strideHeight - params.paddingHeight;
  let left = ow * params.strideWidth - params.paddingWidth;
  return Pixel(((n * params.height + top) * params.width + left) * params.channels, top, left);
}

struct Tap {
  offset: u32,  // from the window's first element to this one
  down: u32,    // input rows below the window's first
  right: u32,
}

/// Taps in the order of the packed weights: [kh, kw, channel within the group].
fn tap_of(index: u32) -> Tap {
  let channel = index % params.groupChannels;
  let tap = index / params.groupChannels;
  let down = tap / params.kernelWidth * params.dilationHeight;
  let right = tap % params.kernelWidth * params.dilationWidth;
  let offset = (down * params.width + right) * params.channels + slice * params.groupChannels + channel;
  return Tap(offset, down, right);
}

fn load_patch(pixel: Pixel, tap: Tap) -> f32 {
  // wraps below zero, so one test clips both edges
  let inside = pixel.top + tap.down < params.height && pixel.left + tap.right < params.width;
  return select(0f, x[pixel.start + tap.offset], inside);
}
