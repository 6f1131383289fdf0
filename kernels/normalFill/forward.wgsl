// Fills a tensor with normally distributed numbers: Box and Muller, 1958, https://doi.org/10.1214/aoms/1177706645.
// The words of a counter make two pairs; each pair makes a radius and an angle, and those make two numbers.
struct Params {
  elements: u32,     // of this piece
  start: u32,        // first of them in the whole tensor
  seed: u32,
  stream: u32,
  mean: f32,
  deviation: f32,
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
  let words = random_words(params.seed, params.stream, element / 4u);
  let pair = select(words.xy, words.zw, element % 4u >= 2u) >> vec2u(8u);
  // (0, 1]: log(0) is never asked for, and the largest deviation is 5.77
  let radius = sqrt(-2 * log(f32(pair.x + 1u) * 0x1p-24));
  // -pi ... pi: where WGSL promises some accuracy
  let angle = 6.283185307179586 * (f32(pair.y) * 0x1p-24 - 0.5);
  target_[index] = params.mean + params.deviation * radius * select(cos(angle), sin(angle), element % 2u == 1u);
}
