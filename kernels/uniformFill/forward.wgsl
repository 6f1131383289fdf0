// Fills a tensor with numbers uniform in [low, high): each its own random word, cut to the 24 bits of a float32.
struct Params {
  elements: u32,     // of this piece
  start: u32,        // first of them in the whole tensor
  seed: u32,
  stream: u32,
  low: f32,
  range: f32,        // high - low
}

@group(0) @binding(0) var<storage, read_write> target_: array<f32>;  // `target` is a reserved word
@group(0) @binding(1) var<uniform> params: Params;

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
  let element = params.start + index;
  let word = random_words(params.seed, params.stream, element / 4u)[element % 4u];
  target_[index] = params.low + params.range * (f32(word >> 8u) * 0x1p-24);
}
