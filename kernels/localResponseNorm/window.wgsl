// The sum of term(at), which the kernel defines, over a window of neighbouring channels of one pixel. Channels beyond
// the first and the last count as zeros.
fn window_sum(pixel: u32, c: u32, channels: u32, before: u32, size: u32) -> Element {
  var sum = Element(0);
  let end = min(c + size - before, channels);
  for (var k = max(c, before) - before; k < end; k++) {
    sum += term(pixel * channels + k);
  }
  return sum;
}
