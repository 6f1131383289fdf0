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
  // (0, 1]: log(0) is never asked for, and the largest deviation is 5.77; near 1 a driver's log may be above 0
  let radius = sqrt(max(-2 * log(f32(pair.x + 1u) * 0x1p-24), 0));
  target_[index] = params.mean + params.deviation * radius * coordinate(pair.y, element % 2u);
}

// Cosine (axis 0) or sine (1) of the angle -pi + 2 pi turn / 2^24. The drivers' own may be off by 2^-11, and SwiftShader's
// is; these polynomials (Cephes sinf and cosf, https://www.netlib.org/cephes/) over a quarter turn are exact to float32.
fn coordinate(turn: u32, axis: u32) -> f32 {
  let nearest = (turn + 0x200000u) >> 22u; // quarter turn, 0 ... 4
  let x = f32(i32(turn) - i32(nearest << 22u)) * (1.5707963267948966 * 0x1p-22); // -pi/4 ... pi/4
  let z = x * x;
  let sine = x + x * z * (-1.6666654611e-1 + z * (8.3321608736e-3 - z * 1.9515295891e-4));
  let cosine = 1 - 0.5 * z + z * z * (4.166664568298827e-2 + z * (-1.388731625493765e-3 + z * 2.443315711809948e-5));
  let quarter = (nearest + 3u * axis) % 4u; // the sine is the cosine a quarter turn earlier
  let value = select(cosine, sine, quarter % 2u == 1u);
  return select(value, -value, quarter == 0u || quarter == 3u);
}
