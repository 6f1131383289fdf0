// y[pixel, out] = sum over taps of x[pixel + tap] * weight[tap, out]: an implicit GEMM per group. Kernel rows are the
// segments of its reduction, since what a window covers of an image row lies together in memory; with groups or dilated
// columns single taps are. The gradient of x is such a convolution too (backwardInput.ts), of dy with flipped weights.
// Linked with an x file, a b file (the packed weight), a c file and a core.
struct Params {
  m: u32,               // pixels of this piece, n * rowHeight * rowWidth
  n: u32,               // output channels of a group
  k: u32,               // of a segment: kernelWidth * channels, or the channels of a group
  segments: u32,
  segmentColumns: u32,  // segments in a kernel row
  channels: u32,        // of x
  groupChannels: u32,
  height: u32,          // of x
  width: u32,
  rowHeight: u32,       // of the image that the pixels form
  rowWidth: u32,
  strideHeight: u32,
  strideWidth: u32,
  paddingHeight: u32,   // may be negative, wrapped
  paddingWidth: u32,
  dilationHeight: u32,
  dilationWidth: u32,
  bOffset: u32,
  bRow: u32,
  bColumn: u32,
  bSlice: u32,
  cOffset: u32,         // of the first pixel's first channel
  cSlice: u32,
  cStep: u32,           // elements of C from one pixel to the next, to the next row of pixels, to the next image
  cRowStep: u32,        // 0: the pixels follow each other in C
  cImage: u32,
  biasOffset: u32,
  biasSlice: u32,
  hasBias: u32,
  relu: u32,            // 1: max(y, 0) is stored
}

@group(0) @binding(4) var<uniform> params: Params;

var<private> slice: u32;  // the group

fn reduction_of(z: u32) -> vec2u {
  slice = z;
  return vec2u(0u, params.segments);
}

struct Row {
  start: u32,  // index in x of its window's first element; wraps where the window begins in the padding
  top: u32,    // input row of the window's first tap; wraps below zero
  left: u32,   // elements from the beginning of the image row to the window; wraps below zero
}

fn row_of(m: u32) -> Row {
  let column = m % params.rowWidth;
  let row = m / params.rowWidth % params.rowHeight;
  let image = m / (params.rowWidth * params.rowHeight);
  let top = row * params.strideHeight - params.paddingHeight;
  let left = (column * params.strideWidth - params.paddingWidth) * params.channels;
  let start = (image * params.height + top) * params.width * params.channels + left;
  return Row(start + slice * params.groupChannels, top, left);
}

struct Walk {
  start: u32,
  left: u32,
}

fn walk_of(row: Row, segment: u32) -> Walk {
  let down = segment / params.segmentColumns * params.dilationHeight;
  let right = segment % params.segmentColumns * params.dilationWidth * params.channels;
  let start = row.start + down * params.width * params.channels + right;
  return Walk(start, select(0x80000000u, row.left + right, row.top + down < params.height));
}

/// Whether place k of a segment is in the image.
fn is_inside(walk: Walk, k: u32) -> bool {
  return walk.left + k < params.width * params.channels; // wraps below zero, so one test clips both edges
}

fn c_row(m: u32) -> u32 {
  let start = params.cOffset + slice * params.cSlice;
  if (params.cRowStep == 0u) {
    return start + m * params.cStep;
  }
  let column = m % params.rowWidth;
  let row = m / params.rowWidth % params.rowHeight;
  let image = m / (params.rowWidth * params.rowHeight);
  return start + image * params.cImage + row * params.cRowStep + column * params.cStep;
}
