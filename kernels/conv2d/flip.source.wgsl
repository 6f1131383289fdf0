// Where the weight that a turned kernel shows lies. Of a strided convolution only the taps that reach one phase of the
// input's pixels are turned (backwardInput.ts).
struct Params {
  elements: u32,        // of this phase; flip.vec4.wgsl: blocks
  offset: u32,          // of this phase in `flipped`
  tapRows: u32,
  tapColumns: u32,
  firstRow: u32,        // the first kernel row of the phase, and the step to its next
  rowStep: u32,
  firstColumn: u32,
  columnStep: u32,
  kernelWidth: u32,
  channels: u32,        // of x
  groupChannels: u32,
  outChannels: u32,
  groupOutChannels: u32,
}

@group(0) @binding(2) var<uniform> params: Params;

fn source_of(tap: u32, out: u32, channel: u32) -> u32 {
  let row = params.firstRow + (params.tapRows - 1u - tap / params.tapColumns) * params.rowStep;
  let column = params.firstColumn + (params.tapColumns - 1u - tap % params.tapColumns) * params.columnStep;
  let group = channel / params.groupChannels;
  let source = (row * params.kernelWidth + column) * params.groupChannels + channel % params.groupChannels;
  return source * params.outChannels + group * params.groupOutChannels + out;
}
