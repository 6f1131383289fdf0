// The last merge, one thread per channel: the five numbers that all other passes need, and the running statistics.
struct Params {
  rows: u32,      // n * height * width
  slabs: u32,
  channels: u32,  // in Elements
  eps: f32,
  momentum: f32,
  hasWeight: u32,
  hasBias: u32,
}

@group(0) @binding(0) var<storage, read> shift: array<Element>;              // [slabs, c]
@group(0) @binding(1) var<storage, read> offset: array<Element>;             // [slabs, c]
@group(0) @binding(2) var<storage, read> squares: array<Element>;            // [slabs, c]
@group(0) @binding(3) var<storage, read> weight: array<Element>;             // [c], anything where there is none
@group(0) @binding(4) var<storage, read> bias: array<Element>;               // [c], anything where there is none
@group(0) @binding(5) var<storage, read_write> perChannel: array<Element>;   // [5, c]: mean, its rest, invStd, scale, shift
@group(0) @binding(6) var<storage, read_write> runningMean: array<Element>;  // [c], scratch where there is none
@group(0) @binding(7) var<storage, read_write> runningVar: array<Element>;   // [c], scratch where there is none
@group(0) @binding(8) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.channels) {
    return;
  }
  var moments = Moments();
  for (var slab = 0u; slab < params.slabs; slab++) {
    let at = slab * params.channels + index;
    let rows = f32(rows_of_slab(params.rows, slab, params.slabs));
    let next = Moments(rows, shift[at], offset[at], squares[at]);
    if (slab == 0) {
      moments = next;
    } else {
      moments = combine(moments, next);
    }
  }
  let total = moments.shift + moments.offset;
  let rounded = shortened(total);
  let rest = (moments.shift - rounded) + moments.offset; // what rounding the mean lost
  // biased variance here, unbiased in runningVar: as PyTorch
  let rows = f32(params.rows);
  let invStd = 1 / sqrt(moments.squares / rows + params.eps);
  var scale = invStd;
  if (params.hasWeight != 0u) {
    scale *= weight[index];
  }
  var displacement = -rest * scale;
  if (params.hasBias != 0u) {
    displacement += bias[index];
  }
  perChannel[index] = rounded;
  perChannel[params.channels + index] = rest;
  perChannel[2u * params.channels + index] = invStd;
  perChannel[3u * params.channels + index] = scale;
  perChannel[4u * params.channels + index] = displacement;
  runningMean[index] = mix(runningMean[index], total, params.momentum);
  runningVar[index] = mix(runningVar[index], moments.squares / (rows - 1), params.momentum);
}
