// Stride 2: a thread gathers for a tile of 2x2 inputs, so a 3x3 window's gradient is read once for 4 inputs instead of
// 2.25 times for each, a 2x2 window's once instead of 4 times. On lavapipe, CPU time over [8, 64, 56, 56] against a gather
// per input with unpacked winners: 3x3 22 ms to 6.2, 2x2 19 ms to 4.5.
struct Params {
  threads: u32,        // n * tilesHigh * columns * channels
  columns: u32,        // threads along a row of tiles; each takes every columns-th
  tileSize: u32,       // 4
  tilesHigh: u32,
  tilesWide: u32,
  channels: u32,       // in Elements
  height: u32,
  width: u32,
  outHeight: u32,
  outWidth: u32,
  kernelHeight: u32,
  kernelWidth: u32,
  paddingHeight: u32,
  paddingWidth: u32,
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
  let n = place / (params.columns * params.tilesHigh);
  // the tile's first row, and column, counted from the padding's edge, where windows start at even numbers
  let bottom = 2u * (place / params.columns % params.tilesHigh + params.paddingHeight / 2u);
  let firstRow = first_window(bottom, params.kernelHeight - 1u, 2u);
  let pastRow = min(bottom / 2u + 1u, params.outHeight);
  for (var tile = place % params.columns; tile < params.tilesWide; tile += params.columns) {
    let right = 2u * (tile + params.paddingWidth / 2u);
    // row by row; four variables and a loop of run-time length below, for one store costs a quarter of four to compile
    var sum0 = Element(0);
    var sum1 = Element(0);
    var sum2 = Element(0);
    var sum3 = Element(0);
    let pastColumn = min(right / 2u + 1u, params.outWidth);
    let firstColumn = first_window(right, params.kernelWidth - 1u, 2u);
    for (var oh = firstRow; oh < pastRow; oh++) {
      for (var ow = firstColumn; ow < pastColumn; ow++) {
        let at = ((n * params.outHeight + oh) * params.outWidth + ow) * params.channels + c;
        let taps = unpacked(argmax[at]);
        let gradient = dy[at];
        let kw = right - 2u * ow;
        let first = (bottom - 2u * oh) * params.kernelWidth + kw;
        // no tap of the window right of its last column, which would be the next row's first
        let second = select(0xfffffffeu, first + 1u, kw + 1u < params.kernelWidth);
        let below = select(0xfffffffeu, second + params.kernelWidth, kw + 1u < params.kernelWidth);
        sum0 += select(Element(0), gradient, taps == Taps(first));
        sum1 += select(Element(0), gradient, taps == Taps(second));
        sum2 += select(Element(0), gradient, taps == Taps(first + params.kernelWidth));
        sum3 += select(Element(0), gradient, taps == Taps(below));
      }
    }
    for (var i = 0u; i < params.tileSize; i++) {
      let h = bottom + i / 2u - params.paddingHeight; // wraps below zero, so one test clips both edges
      let w = right + i % 2u - params.paddingWidth;
      if (h < params.height && w < params.width) {
        dx[((n * params.height + h) * params.width + w) * params.channels + c] = select(select(sum0, sum1, i == 1u), select(sum2, sum3, i == 3u), i > 1u);
      }
    }
  }
}
