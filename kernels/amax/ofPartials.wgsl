// amax's elements at later stages: what the slabs of the stage before found, and how often.
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> xCounts: array<u32>;

fn accept(offset: u32, position: u32) {
  consider(x[offset], xCounts[offset]);
}
