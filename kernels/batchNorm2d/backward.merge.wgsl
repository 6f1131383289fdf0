// Adds up slabs into fewer, in their order: into groups first where there are many, then into one.
alias Element = f32; // vec4f when the channels are a multiple of four

struct Params {
  slabs: u32,
  groups: u32,
  channels: u32,  // in Elements
}

@group(0) @binding(0) var<storage, read> slabDy: array<Element>;           // [slabs, c]
@group(0) @binding(1) var<storage, read> slabDyXhat: array<Element>;       // [slabs, c]
@group(0) @binding(2) var<storage, read_write> sumDy: array<Element>;      // [groups, c]
@group(0) @binding(3) var<storage, read_write> sumDyXhat: array<Element>;  // [groups, c]
@group(0) @binding(4) var<uniform> params: Params;

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
  var dyXhatSum = Element(0);
  for (var slab = index / params.channels; slab < params.slabs; slab += params.groups) {
    dySum += slabDy[slab * params.channels + c];
    dyXhatSum += slabDyXhat[slab * params.channels + c];
  }
  sumDy[index] = dySum;
  sumDyXhat[index] = dyXhatSum;
}
