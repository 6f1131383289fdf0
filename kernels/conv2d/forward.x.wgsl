// x, a value at a time.
@group(0) @binding(0) var<storage, read> x: array<f32>;  // [n, h, w, c]

fn load_a(walk: Walk, k: u32) -> f32 {
  return select(0f, x[walk.start + k], is_inside(walk, k));
}
