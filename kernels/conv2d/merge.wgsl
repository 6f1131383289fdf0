// Adds the parts of a split reduction, first to last.
struct Params {
  elements: u32,  // of the result
  offset: u32,    // of the result in a part
  parts: u32,
  partStep: u32,  // elements of a part
}

@group(0) @binding(0) var<storage, read> partials: array<f32>;      // [parts, partStep]
@group(0) @binding(1) var<storage, read_write> result: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.elements) {
    return;
  }
  var sum = 0f;
  for (var part = 0u; part < params.parts; part++) {
    sum += partials[part * params.partStep + params.offset + index];
  }
  result[index] = sum;
}
