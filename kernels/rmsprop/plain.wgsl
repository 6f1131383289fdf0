// No momentum.
fn direction(index: u32, scaled: Element) -> Element {
  return scaled;
}
