// Which windows cover an element.
// The first window whose last tap, `span` below its first, reaches `position`.
fn first_window(position: u32, span: u32, stride: u32) -> u32 {
  return select(0u, (position - span + stride - 1u) / stride, position > span);
}
