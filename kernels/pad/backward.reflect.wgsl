// An index shows at its own position and at its mirror images in the first and the last element; those two themselves
// have one image each. Padding is below the extent, so nothing is mirrored twice.
fn showings(index: i32, extent: i32, before: i32, outExtent: i32) -> i32 {
  return 3;
}

fn showing(candidate: i32, index: i32, extent: i32, before: i32, outExtent: i32) -> i32 {
  let last = extent - 1;
  var position = index;
  if (candidate == 1) { position = -index; }
  if (candidate == 2) { position = 2 * last - index; }
  let isItself = candidate != 0 && position == index;
  let out = position + before;
  return select(out, -1, isItself || out >= outExtent);
}
