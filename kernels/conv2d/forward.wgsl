// y[pixel, out] = sum over taps of patch[pixel, tap] * weight[tap, out]: an implicit GEMM per group. Linked with
// patches.wgsl, a b file (the packed weight is B), a c file and a core.
struct Params {
  m: u32,              // n * outHeight * outWidth pixels of this piece
  n: u32,              // output channels of a group
  k: u32,              // kernelHeight * kernelWidth * groupChannels
  channels: u32,
  groupChannels: u32,
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
  bOffset: u32,
  bRow: u32,
  bColumn: u32,
  bSlice: u32,
  cOffset: u32,
  cRow: u32,
  cSlice: u32,
  biasOffset: u32,
  biasSlice: u32,
  hasBias: u32,
}

@group(0) @binding(4) var<uniform> params: Params;

var<private> slice: u32;  // the group

fn reduction_of(z: u32) -> vec2u {
  slice = z;
  return vec2u(0u, params.k);
}

alias Row = Pixel;
alias Step = Tap;

fn row_of(m: u32) -> Row {
  return pixel_of(m);
}

fn step_of(k: u32) -> Step {
  return tap_of(k);
}

fn load_a(row: Row, step: Step) -> f32 {
  return load_patch(row, step);
}
