struct Params {
  elements: u32, // of this launch, in Elements
  negativeSlope: f32,
}
