// x times the standard normal distribution function: the exact form, through erfc.
fn forward(x: Element) -> Element {
  return x * normal_distribution(x);
}
