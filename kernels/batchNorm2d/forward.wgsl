// The apply pass: y = (x - mean) * invStd * weight + bias, then the residual and the rectifier while the value is still
// in a register. A thread keeps its channel's numbers for several rows.
alias Element = f32; // vec4f when the channels are a multiple of four

struct Params {
  rows: u32,         // n * height * width of this piece
  blocks: u32,       // threads per channel
  rowsApart: u32,    // rows of a thread: 1, neighbours; blocks, so that neighbouring threads read neighbouring rows
  channels: u32,     // in Elements
  hasResidual: u32,
  rectifies: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Element>;           // [rows, c]
@group(0) @binding(1) var<storage, read> perChannel: array<Element>;  // [5, c]: mean, its rest, invStd, scale, shift
@group(0) @binding(2) var<storage, read> residual: array<Element>;    // [rows, c], anything where there is none
@group(0) @binding(3) var<storage, read_write> y: array<Element>;     // [rows, c]
@group(0) @binding(4) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.blocks * params.channels) {
    return;
  }
  let c = index % params.channels;
  let center = perChannel[c];
  let scale = perChannel[3u * params.channels + c];
  let shift = perChannel[4u * params.channels + c];
  let rows = rows_of(index / params.channels);
  for (var row = rows.x; row < rows.y; row += params.rowsApart) {
    let at = row * params.channels + c;
    // the difference first: it is exact near the mean, however large that is
    var value = (x[at] - center) * scale + shift;
    if (params.hasResidual != 0u) {
      value += residual[at];
    }
    if (params.rectifies != 0u) {
      value = select(value, Element(0), value < Element(0)); // not max(): NaN must pass through
    }
    y[at] = value;
  }
}
