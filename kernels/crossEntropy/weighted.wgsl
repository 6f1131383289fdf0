// Operand with class weights.
@group(0) @binding(7) var<storage, read> weight: array<f32>;  // [classes]

fn class_weight(c: u32) -> f32 {
  return weight[c];
}
