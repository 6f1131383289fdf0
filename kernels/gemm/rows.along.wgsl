// Four rows of A for the wide core, whose values lie in fours along k: a lane loads four of one row, and the lanes
// exchange them, four by four. A quarter of the loads, of the time they take to run and to compile.
// Linked with a file that defines load_along(walk: Walk, k: u32) -> vec4f, A at the places k .. k + 3 of the segment.
fn load_a4(own: Walk, k: u32, lane: u32) -> vec4f {
  let first = lane / 4u * 4u;
  let values = load_along(own, k + first);
  let place = lane % 4u;
  return vec4f(
    component(subgroupShuffle(values, first), place),
    component(subgroupShuffle(values, first + 1u), place),
    component(subgroupShuffle(values, first + 2u), place),
    component(subgroupShuffle(values, first + 3u), place),
  );
}

fn component(values: vec4f, place: u32) -> f32 {
  let pair = select(values.xy, values.zw, place >= 2u);
  return select(pair.x, pair.y, place % 2u == 1u);
}
