// dx[pixel, channel] = sum over (tap, out) of dy[output pixel that the tap maps there, out] * weight[tap, channel, out]:
// an implicit GEMM per group. Linked with a c file and a core.
struct Params {
  m: u32,               // n * height * width pixels of this piece
  n: u32,               // input channels of a group
  k: u32,               // kernelHeight * kernelWidth * groupOutChannels
  outChannels: u32,
  groupOutChannels: u32,
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
  cOffset: u32,
  cRow: u32,
  cSlice: u32,
  biasOffset: u32,
  biasSlice: u32,
  hasBias: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<f32>;      // [n, oh, ow, out]
@group(0) @binding(1) var<storage, read> weight: array<f32>;  // [kh, kw, channel within the group, out]
@group(0) @binding(4) var<uniform> params: Params;

// a constant of the pipeline: the divisions below cost more than the load they serve, and stride 1 needs none
override STRIDED: u32 = 0;

var<private> slice: u32;  // the group

fn reduction_of(z: u32) -> vec2u {
  slice = z;
  return vec2u(0u, params.k);
}

struct Row {
  start: u32,   // index of the image's first element in dy
  bottom: u32,  // padded input row
  right: u32,
}

fn row_of(m: u32) -> Row {
  let w = m % params.width;
  let h = m / params.width % params.height;
  let n = m / (params.width * params.height);
  let start = n * params.outHeight * params.outWidth * params.outChannels;
  return Row(start, h + params.paddingHeight, w + params.paddingWidth);
}

struct Step {
  up: u32,  // padded input rows from the window's first to this tap
  left: u32,
  channel: u32,
}

fn step_of(k: u32) -> Step {
  let tap = k / params.groupOutChannels;
  let channel = slice * params.groupOutChannels + k % params.groupOutChannels;
  return Step(tap / params.kernelWidth * params.dilationHeight, tap % params.kernelWidth * params.dilationWidth, channel);
}

fn load_a(row: Row, step: Step) -> f32 {
  let top = row.bottom - step.up;  // oh * stride; wraps below zero
  let left = row.right - step.left;
  var oh = top;
  var ow = left;
  var inside = true;
  if (STRIDED != 0u) {
    oh = top / params.strideHeight;
    ow = left / params.strideWidth;
    inside = oh * params.strideHeight == top && ow * params.strideWidth == left;
  }
  inside = inside && oh < params.outHeight && ow < params.outWidth;
  return select(0f, dy[row.start + (oh * params.outWidth + ow) * params.outChannels + step.channel], inside);
}

/// B is the weight transposed: its rows are (tap, out), its columns the channels.
fn b_row(k: u32) -> u32 {
  let tap = k / params.groupOutChannels;
  let out = slice * params.groupOutChannels + k % params.groupOutChannels;
  return tap * params.n * params.outChannels + out;
}

fn load_b4(row: u32, n: u32) -> vec4f {
  let step = params.outChannels;
  let start = row + n * step;
  return vec4f(weight[start], weight[start + step], weight[start + 2u * step], weight[start + 3u * step]);
}
