// No momentum: straight down the gradient.
fn direction(index: u32, gradient: Element) -> Element {
  return gradient;
}
