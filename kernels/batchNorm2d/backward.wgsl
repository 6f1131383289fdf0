// Training: dx = weight * invStd * (dy - mean(dy) - xhat * mean(dy * xhat)), dy being what the rectifier let through. A
// thread keeps its channel's numbers for several rows.
struct Params {
  rows: u32,       // n * height * width of this piece
  blocks: u32,       // threads per channel
  rowsApart: u32,    // rows of a thread: 1, neighbours; blocks, so that neighbouring threads read neighbouring rows
  channels: u32,   // in Elements
  mask: u32,       // FROM_X, or 0: there is no rectifier, or dy is what it let through already
}

@group(0) @binding(0) var<storage, read> x: array<Element>;           // [rows, c]
@group(0) @binding(1) var<storage, read> dy: array<Element>;          // [rows, c]
@group(0) @binding(2) var<storage, read> perChannel: array<Element>;  // [5, c]: mean, its rest, invStd, scale, shift
@group(0) @binding(3) var<storage, read> taken: array<Element>;       // [2, c]: offset, slope of what is taken off dy
@group(0) @binding(4) var<storage, read_write> dx: array<Element>;    // [rows, c]
@group(0) @binding(5) var<uniform> params: Params;

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
  let offset = taken[c];
  let slope = taken[params.channels + c];
  let rows = rows_of(index / params.channels);
  for (var row = rows.x; row < rows.y; row += params.rowsApart) {
    let at = row * params.channels + c;
    let deviation = x[at] - center;
    var gradient = dy[at];
    if (params.mask == FROM_X) {
      gradient = let_through(gradient, deviation * scale + shift);
    }
    dx[at] = scale * (gradient - offset - deviation * slope);
  }
}
