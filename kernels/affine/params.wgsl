struct Params {
  elements: u32, // of this launch, in Elements
  scale: f32,
  shift: f32,
}
