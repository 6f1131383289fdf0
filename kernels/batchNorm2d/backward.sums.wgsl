// One thread per slab of rows and channel: sums of dy and of dy * xhat, where xhat is the normalised x.
alias Element = f32; // vec4f when the channels are a multiple of four

struct Params {
  rows: u32,      // n * height * width of this piece
  start: u32,     // rows before it
  slabs: u32,     // each holds every slabs-th row of the whole
  channels: u32,  // in Elements
}

@group(0) @binding(0) var<storage, read> x: array<Element>;                // [rows, c]
@group(0) @binding(1) var<storage, read> dy: array<Element>;               // [rows, c]
@group(0) @binding(2) var<storage, read> mean: array<Element>;             // [2, c]: the mean, what its rounding lost
@group(0) @binding(3) var<storage, read> invStd: array<Element>;           // [c]
@group(0) @binding(4) var<storage, read_write> sumDy: array<Element>;      // [slabs, c]
@group(0) @binding(5) var<storage, read_write> sumDyXhat: array<Element>;  // [slabs, c]
@group(0) @binding(6) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

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
  let center = mean[c];
  let rest = mean[params.channels + c];
  var dySum = Element(0);
  var dyDeviationSum = Element(0);  // of dy * (x - center)
  let first = (slab + params.slabs - params.start % params.slabs) % params.slabs;
  for (var row = first; row < params.rows; row += params.slabs) {
    let at = row * params.channels + c;
    dySum += dy[at];
    dyDeviationSum += dy[at] * (x[at] - center);
  }
  // the rest only here: beside each x it could be merged into center, which has no digits left for it
  var dyXhatSum = (dyDeviationSum - rest * dySum) * invStd[c];
  if (params.start > slab) { // an earlier piece began this slab
    dySum += sumDy[index];
    dyXhatSum += sumDyXhat[index];
  }
  sumDy[index] = dySum;
  sumDyXhat[index] = dyXhatSum;
}
