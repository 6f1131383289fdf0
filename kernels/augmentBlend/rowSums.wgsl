// Luma summed over each row of each picture: one thread per row.
struct Params {
  rows: u32,      // of this launch, over all its samples
  firstRow: u32,
  width: u32,
}

@group(0) @binding(0) var<storage, read> x: array<u32>;             // [n, h, w], red in the lowest byte
@group(0) @binding(1) var<storage, read_write> sums: array<u32>;    // [n, h]
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.rows) {
    return;
  }
  var sum = 0u;
  for (var w = 0u; w < params.width; w++) {
    sum += luma_of(x[index * params.width + w]);
  }
  sums[index + params.firstRow] = sum;
}
