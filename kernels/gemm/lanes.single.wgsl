// A lane's own four rows of A for the tall core, wherever in memory.
fn load_own4(k: u32) -> vec4f {
  return vec4f(load_a(own[0], k), load_a(own[1], k), load_a(own[2], k), load_a(own[3], k));
}
