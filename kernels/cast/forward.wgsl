// The value itself: float16 is how arrays are stored (kernels/halfStorage.ts), and storing rounds.
fn forward(x: Element) -> Element {
  return x;
}
