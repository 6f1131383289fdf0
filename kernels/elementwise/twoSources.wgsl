// Terms that read two tensors. The room's file defines `combine`.
alias A = f32; // vec4f, or f32 where one value serves the whole Element
alias B = f32;

@group(0) @binding(2) var<storage, read> a: array<A>;
@group(0) @binding(3) var<storage, read> b: array<B>;

fn term(at: vec3u) -> Element {
  return combine(Element(a[at.x]), Element(b[at.y]));
}
