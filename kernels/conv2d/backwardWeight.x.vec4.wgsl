// x with its channels in fours: four rows of A, which are four channels of one tap, in one load.
@group(0) @binding(0) var<storage, read> x: array<vec4f>;  // [n, h, w, c / 4]

fn load_across(walk: Walk, k: u32) -> vec4f {
  let place = place_of(walk, k);
  return select(select(vec4f(), x[place.index / 4u], place.isInside), vec4f(1f), walk.isOnes != 0u);
}
