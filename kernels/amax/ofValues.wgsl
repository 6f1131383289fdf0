// amax's elements at the first stage: x itself.
@group(0) @binding(3) var<storage, read> x: array<f32>;

fn accept(offset: u32, position: u32) {
  consider(x[offset], 1u);
}
