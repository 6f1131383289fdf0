// For maps without options of their own.
struct Params {
  elements: u32, // of this launch, in Elements
}
