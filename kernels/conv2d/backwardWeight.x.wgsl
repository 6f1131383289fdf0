// x, a value at a time.
@group(0) @binding(0) var<storage, read> x: array<f32>;  // [n, h, w, c]

fn load_a(walk: Walk, k: u32) -> f32 {
  let place = place_of(walk, k);
  return select(select(0f, x[place.index], place.isInside), 1f, walk.isOnes != 0u);
}
