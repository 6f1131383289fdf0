// Which input index a position shows: the nearest one.
fn shown(position: i32, extent: i32) -> i32 {
  return clamp(position, 0, extent - 1);
}
