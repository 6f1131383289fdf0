// Four rows of A for the wide core, whose values lie in fours across k: every lane loads all four of its own k.
// Linked with a file that defines load_across(walk: Walk, k: u32) -> vec4f, A in the rows of the walk and the next three.
fn load_a4(own: Walk, k: u32, lane: u32) -> vec4f {
  return load_across(walk_from(own, 0u), k + lane);
}
