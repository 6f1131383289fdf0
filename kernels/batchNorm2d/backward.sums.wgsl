// One thread per slab of rows and channel: sums of dy and of dy * (x - mean), dy being what the rectifier let through.
// That is also the residual's gradient, written on the way where there is one, so that the apply pass reads it back.
struct Params {
  rows: u32,            // n * height * width of this piece
  start: u32,           // rows before it
  slabs: u32,           // each holds every slabs-th row of the whole
  channels: u32,        // in Elements
  mask: u32,            // 0: there is no rectifier
  writesResidual: u32,
}

@group(0) @binding(0) var<storage, read> x: array<Element>;                     // [rows, c]
@group(0) @binding(1) var<storage, read> dy: array<Element>;                    // [rows, c]
@group(0) @binding(2) var<storage, read> perChannel: array<Element>;            // [5, c]: mean, its rest, invStd, scale, shift
@group(0) @binding(3) var<storage, read> y: array<Element>;                     // [rows, c], read where mask is FROM_Y
@group(0) @binding(4) var<storage, read_write> slabDy: array<Element>;          // [slabs, c]
@group(0) @binding(5) var<storage, read_write> slabDyDeviation: array<Element>; // [slabs, c]
@group(0) @binding(6) var<storage, read_write> dresidual: array<Element>;       // [rows, c], where writesResidual
@group(0) @binding(7) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;
/// 1 where the tensor is cut into pieces: a constant, so that the others need not compile what reads slabs back.
override CONTINUES: u32 = 0;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.slabs * params.channels) {
    return;
  }
  let c = index % params.channels;
  let slab = index / params.channels;
  let center = perChannel[c];
  let scale = perChannel[3u * params.channels + c];
  let shift = perChannel[4u * params.channels + c];
  var dySum = Element(0);
  var dyDeviationSum = Element(0);
  let first = (slab + params.slabs - params.start % params.slabs) % params.slabs;
  for (var row = first; row < params.rows; row += params.slabs) {
    let at = row * params.channels + c;
    let deviation = x[at] - center;
    var gradient = dy[at];
    if (params.mask == FROM_X) {
      gradient = let_through(gradient, deviation * scale + shift);
    } else if (params.mask == FROM_Y) {
      gradient = let_through(gradient, y[at]);
    }
    if (params.writesResidual != 0u) {
      dresidual[at] = gradient;
    }
    dySum += gradient;
    dyDeviationSum += gradient * deviation;
  }
  if (CONTINUES == 1 && params.start > slab) { // an earlier piece began this slab
    dySum += slabDy[index];
    dyDeviationSum += slabDyDeviation[index];
  }
  slabDy[index] = dySum;
  slabDyDeviation[index] = dyDeviationSum;
}
