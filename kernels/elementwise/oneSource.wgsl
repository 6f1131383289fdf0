// Terms that read one tensor. The room's file defines `combine`.
alias A = f32; // vec4f, or f32 where one value serves the whole Element

@group(0) @binding(2) var<storage, read> a: array<A>;

fn term(at: vec3u) -> Element {
  return combine(Element(a[at.x]));
}
