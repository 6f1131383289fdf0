// dweight[tap, out] = sum over pixels of patch[pixel, tap] * dy[pixel, out]: a GEMM per group with a tiny result and a
// huge reduction, so the pixels are split into parts and merge.wgsl adds the parts in a fixed order. One more row of
// ones below the taps makes the column sums of dy, the bias gradient, in the same pass.
// Linked with patches.wgsl, a b file (dy is B) and a core.
struct Params {
  m: u32,              // kernelHeight * kernelWidth * groupChannels, + 1 with the row of ones
  n: u32,              // output channels of a group
  parts: u32,          // in this piece
  firstPart: u32,
  partsPerUnit: u32,   // a unit of images is split into so many parts
  unitPixels: u32,     // output pixels of a unit
  partPixels: u32,
  onesRow: u32,
  outChannels: u32,
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
}

@group(0) @binding(3) var<storage, read_write> partials: array<f32>;  // [parts, m, out]
@group(0) @binding(4) var<uniform> params: Params;

var<private> slice: u32;  // the group
var<private> part: u32;

fn reduction_of(z: u32) -> vec2u {
  // read from z, not from the private variables: these are not uniform in the eyes of the compiler
  let ownPart = z % params.parts;
  slice = z / params.parts;
  part = ownPart;
  let unit = ownPart / params.partsPerUnit;
  let first = ownPart % params.partsPerUnit * params.partPixels;
  let last = min(first + params.partPixels, params.unitPixels);
  return vec2u(unit * params.unitPixels + min(first, last), unit * params.unitPixels + last);
}

struct Row {
  tap: Tap,
  isOnes: bool,
}

alias Step = Pixel;

fn row_of(m: u32) -> Row {
  return Row(tap_of(m), m == params.onesRow);
}

fn step_of(k: u32) -> Step {
  return pixel_of(k);
}

fn load_a(row: Row, step: Step) -> f32 {
  return select(load_patch(step, row.tap), 1f, row.isOnes);
}

fn initial4(n: u32) -> vec4f {
  return vec4f();
}

fn store4(m: u32, n: u32, sum: vec4f) {
  let start = ((params.firstPart + part) * params.m + m) * params.outChannels + slice * params.n + n;
  let columns = min(4u, params.n - min(n, params.n));
  for (var i = 0u; i < columns; i++) {
    partials[start + i] = sum[i];
  }
}
