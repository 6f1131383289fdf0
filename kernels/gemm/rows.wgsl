// Four rows of A for the wide core, each on a walk of its own, wherever in memory.
fn load_a4(own: Walk, k: u32, lane: u32) -> vec4f {
  var values = vec4f();
  for (var row = 0u; row < 4u; row++) {
    values[row] = load_a(walk_from(own, row), k + lane);
  }
  return values;
}
