// The mean square stands for the variance.
fn variance(index: u32, gradient: Element, square: Element) -> Element {
  return square;
}
