// Keeps or drops each element by a random word of its own, so no mask is stored: the backward pass is this kernel on dy.
alias Element = f32; // vec4f when the elements are a multiple of four

struct Params {
  elements: u32,     // of this piece, in Elements
  start: u32,        // first of them in the whole tensor
  seed: u32,
  stream: u32,
  threshold: u32,    // words below are dropped: p * 2^32
  scale: f32,        // 1 / (1 - p), or 0 where nothing is kept
}

@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read_write> y: array<Element>;
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // a workgroup's block of neighbours; on GPUs it is one turn
  let groups = workgroups.x * workgroups.y;
  let block = (params.elements + groups * WORKGROUP_SIZE - 1u) / (groups * WORKGROUP_SIZE) * WORKGROUP_SIZE;
  let first = (workgroup.y * workgroups.x + workgroup.x) * block;
  let end = min(first + block, params.elements);
  for (var index = first + lane; index < end; index += WORKGROUP_SIZE) {
    let kept = words(params.start + index) >= Words(params.threshold);
    // p = 1: even the largest word is dropped; a select, not times zero: infinities are dropped too
    let value = select(x[index] * params.scale, Element(0), params.scale == 0);
    y[index] = select(Element(0), value, kept);
  }
}
