// A lane's own four rows of A for the tall core, in one load; see rows.across.wgsl.
fn load_own4(k: u32) -> vec4f {
  return load_across(own[0], k);
}
