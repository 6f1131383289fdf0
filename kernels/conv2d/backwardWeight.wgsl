// dweight[tap, out] = sum over pixels of x[pixel + tap] * dy[pixel, out]: a GEMM per group with a tiny result and a huge
// reduction, so the pixels are split into parts and merge.wgsl adds the parts in a fixed order. The segments of the
// reduction are runs of pixels: image rows, or several rows or images where rows are short. One more row of ones below
// the taps makes the column sums of dy, the bias gradient, in the same pass.
// Linked with an x file, a b file (dy is B) and a core.
struct Params {
  m: u32,               // kernelHeight * kernelWidth * groupChannels, + 1 with the row of ones
  n: u32,               // output channels of a group
  k: u32,               // pixels of a segment
  parts: u32,           // in this piece
  firstPart: u32,
  partsPerUnit: u32,    // a unit of images is split into so many parts
  unitSegments: u32,
  partSegments: u32,
  isShort: u32,         // segments are more than part of an image row
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
  let first = ownPart % params.partsPerUnit * params.partSegments;
  let last = min(first + params.partSegments, params.unitSegments);
  return vec2u(unit * params.unitSegments + min(first, last), unit * params.unitSegments + last);
}

struct Row {
  start: u32,  // of the tap in x for the first pixel of all; wraps where that lies in the padding
  down: u32,   // input row of the tap for the first pixel; wraps below zero
  right: u32,  // input column
  isOnes: u32,
}

/// Taps in the order of the packed weights: [kh, kw, channel within the group].
fn row_of(m: u32) -> Row {
  let tap = m / params.groupChannels;
  let down = tap / params.kernelWidth * params.dilationHeight - params.paddingHeight;
  let right = tap % params.kernelWidth * params.dilationWidth - params.paddingWidth;
  let channel = slice * params.groupChannels + m % params.groupChannels;
  return Row((down * params.width + right) * params.channels + channel, down, right, u32(m == params.onesRow));
}

struct Walk {
  start: u32,
  down: u32,
  right: u32,
  isOnes: u32,
}

fn walk_of(row: Row, segment: u32) -> Walk {
  let pixel = segment * params.k;
  let top = pixel / params.outWidth % params.outHeight * params.strideHeight;
  let left = pixel % params.outWidth * params.strideWidth;
  let image = pixel / (params.outWidth * params.outHeight);
  let start = row.start + ((image * params.height + top) * params.width + left) * params.channels;
  return Walk(start, row.down + top, row.right + left, row.isOnes);
}

struct Place {
  index: u32,
  isInside: bool,
}

fn place_of(walk: Walk, k: u32) -> Place {
  var image = 0u;
  var down = 0u;
  var right = k;
  if (params.isShort != 0u) {
    let row = k / params.outWidth;
    image = row / params.outHeight;
    down = (row - image * params.outHeight) * params.strideHeight;
    right = k - row * params.outWidth;
  }
  right *= params.strideWidth;
  // wraps below zero, so one test clips both edges
  let isInside = walk.down + down < params.height && walk.right + right < params.width;
  return Place(walk.start + ((image * params.height + down) * params.width + right) * params.channels, isInside);
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
