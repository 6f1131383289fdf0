// The mean luma of each picture, rounded halves up, as ImageEnhance.Contrast takes it: one thread per picture.
struct Params {
  samples: u32,
  height: u32,
  pixels: u32,  // of a picture; twice the sum of their levels fits 32 bits
}

@group(0) @binding(0) var<storage, read> sums: array<u32>;          // [n, h]
@group(0) @binding(1) var<storage, read_write> means: array<u32>;   // [n]
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.samples) {
    return;
  }
  var sum = 0u;
  for (var h = 0u; h < params.height; h++) {
    sum += sums[index * params.height + h];
  }
  means[index] = (2u * sum + params.pixels) / (2u * params.pixels);
}
