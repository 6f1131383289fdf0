// An index shows at its own position; the first and the last also over all the padding before and behind them.
fn first_showing(index: i32, before: i32) -> i32 {
  return select(index + before, 0, index == 0);
}

fn showings(index: i32, extent: i32, before: i32, outExtent: i32) -> i32 {
  let end = select(index + before + 1, outExtent, index == extent - 1);
  return end - first_showing(index, before);
}

fn showing(candidate: i32, index: i32, extent: i32, before: i32, outExtent: i32) -> i32 {
  return first_showing(index, before) + candidate;
}
