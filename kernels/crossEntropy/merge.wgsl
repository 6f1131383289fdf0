// Adds up losses and weights of the rows, each thread every `threads`-th of them, always in the same order.
struct Params {
  rows: u32,         // of this piece
  threads: u32,
  accumulate: u32,   // 1: the launch before this one left the sums of the pieces before
  divide: u32,       // 1: the loss becomes a mean
}

@group(0) @binding(0) var<storage, read> losses: array<f32>;
@group(0) @binding(1) var<storage, read> rowWeights: array<f32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;         // [threads]
@group(0) @binding(3) var<storage, read_write> weightTotal: array<f32>;  // [threads]
@group(0) @binding(4) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let thread = workgroup.x * WORKGROUP_SIZE + lane;
  if (thread >= params.threads) {
    return;
  }
  var sum = 0.0;
  var total = 0.0;
  for (var row = thread; row < params.rows; row += params.threads) {
    sum += losses[row];
    total += rowWeights[row];
  }
  if (params.accumulate == 1u) {
    sum += loss[thread];
    total += weightTotal[thread];
  }
  if (params.divide == 1u) {
    sum /= total;
  }
  loss[thread] = sum;
  weightTotal[thread] = total;
}
