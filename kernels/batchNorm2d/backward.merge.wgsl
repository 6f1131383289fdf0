// Adds up slabs into fewer, in their order: into groups first where there are many, then into one. The last merge turns
// deviations into xhat = (x - mean - rest) * invStd, and both sums into what the apply pass takes off each dy:
// mean(dy) + xhat * mean(dy * xhat) = offset + (x - mean) * slope.
alias Element = f32; // vec4f when the channels are a multiple of four

struct Params {
  slabs: u32,
  groups: u32,
  channels: u32,  // in Elements
  isLast: u32,
  rows: u32,      // n * height * width
}

@group(0) @binding(0) var<storage, read> slabDy: array<Element>;           // [slabs, c]
@group(0) @binding(1) var<storage, read> slabDyDeviation: array<Element>;  // [slabs, c]
@group(0) @binding(2) var<storage, read> perChannel: array<Element>;       // [5, c]: mean, its rest, invStd, scale, shift
@group(0) @binding(3) var<storage, read_write> sumDy: array<Element>;      // [groups, c]
@group(0) @binding(4) var<storage, read_write> sumDyXhat: array<Element>;  // [groups, c], of deviations until the last
@group(0) @binding(5) var<storage, read_write> taken: array<Element>;      // [2, c]: offset, slope; by the last
@group(0) @binding(6) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.groups * params.channels) {
    return;
  }
  let c = index % params.channels;
  var dySum = Element(0);
  var dyDeviationSum = Element(0);
  for (var slab = index / params.channels; slab < params.slabs; slab += params.groups) {
    dySum += slabDy[slab * params.channels + c];
    dyDeviationSum += slabDyDeviation[slab * params.channels + c];
  }
  if (params.isLast != 0u) {
    // the rest only here: beside each x it could be merged into the mean, which has no digits left for it
    let rest = perChannel[params.channels + c];
    let invStd = perChannel[2u * params.channels + c];
    dyDeviationSum = (dyDeviationSum - rest * dySum) * invStd;
    let slope = invStd * dyDeviationSum / f32(params.rows);
    taken[c] = dySum / f32(params.rows) - rest * slope;
    taken[params.channels + c] = slope;
  }
  sumDy[index] = dySum;
  sumDyXhat[index] = dyDeviationSum;
}
