// The last merge, one thread per channel: mean and 1/deviation for the apply pass, and the running statistics.
struct Params {
  rows: u32,      // n * height * width
  slabs: u32,
  channels: u32,  // in Elements
  eps: f32,
  momentum: f32,
}

@group(0) @binding(0) var<storage, read> shift: array<Element>;              // [slabs, c]
@group(0) @binding(1) var<storage, read> offset: array<Element>;             // [slabs, c]
@group(0) @binding(2) var<storage, read> squares: array<Element>;            // [slabs, c]
@group(0) @binding(3) var<storage, read_write> mean: array<Element>;         // [2, c]: the mean, what its rounding lost
@group(0) @binding(4) var<storage, read_write> invStd: array<Element>;       // [c]
@group(0) @binding(5) var<storage, read_write> runningMean: array<Element>;  // [c], scratch where there is none
@group(0) @binding(6) var<storage, read_write> runningVar: array<Element>;   // [c], scratch where there is none
@group(0) @binding(7) var<uniform> params: Params;

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
  var moments = Moments(f32(rows_of_slab(params.rows, 0, params.slabs)), shift[index], offset[index], squares[index]);
  for (var slab = 1u; slab < params.slabs; slab++) {
    let at = slab * params.channels + index;
    let rows = f32(rows_of_slab(params.rows, slab, params.slabs));
    moments = combine(moments, Moments(rows, shift[at], offset[at], squares[at]));
  }
  let total = moments.shift + moments.offset;
  let rounded = shortened(total);
  mean[index] = rounded;
  mean[params.channels + index] = (moments.shift - rounded) + moments.offset;
  // biased variance here, unbiased in runningVar: as PyTorch
  let rows = f32(params.rows);
  invStd[index] = 1 / sqrt(moments.squares / rows + params.eps);
  runningMean[index] = mix(runningMean[index], total, params.momentum);
  runningVar[index] = mix(runningVar[index], moments.squares / (rows - 1), params.momentum);
}
