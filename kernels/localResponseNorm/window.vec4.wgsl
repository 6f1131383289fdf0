// As window.wgsl for four channels at once: each term of the four windows' union is read once and masked.
fn window_sum(pixel: u32, c: u32, channels: u32, before: u32, size: u32) -> Element {
  var sum = Element(0);
  let first = 4u * c;
  let end = min((first + 2u + size - before) / 4u + 1u, channels);
  for (var k = (max(first, before) - before) / 4u; k < end; k++) {
    let terms = term(pixel * channels + k);
    // place of channel 4k in the window of each of the four channels; wraps before the window's start
    let place = vec4u(4u * k + before - first) - vec4u(0, 1, 2, 3);
    sum += select(Element(0), terms.xxxx, place < vec4u(size));
    sum += select(Element(0), terms.yyyy, place + 1u < vec4u(size));
    sum += select(Element(0), terms.zzzz, place + 2u < vec4u(size));
    sum += select(Element(0), terms.wwww, place + 3u < vec4u(size));
  }
  return sum;
}
