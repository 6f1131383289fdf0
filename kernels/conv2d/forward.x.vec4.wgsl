// x with its channels in fours, for rows.along.wgsl.
@group(0) @binding(0) var<storage, read> x: array<vec4f>;  // [n, h, w, c / 4]

fn load_along(walk: Walk, k: u32) -> vec4f {
  return select(vec4f(), x[(walk.start + k) / 4u], is_inside(walk, k));
}
