// The sum of four components.
fn total(sum: vec4f) -> f32 {
  return (sum.x + sum.y) + (sum.z + sum.w);
}
