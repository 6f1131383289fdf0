// x with its channels in fours, for the wide core: four rows of A, which are four channels of one tap, in one load.
@group(0) @binding(0) var<storage, read> x: array<vec4f>;  // [n, h, w, c / 4]

fn load_a4(own: Walk, k: u32, lane: u32) -> vec4f {
  let walk = walk_from(own, 0u);
  let place = place_of(walk, k + lane);
  return select(select(vec4f(), x[place.index / 4u], place.isInside), vec4f(1f), walk.isOnes != 0u);
}
