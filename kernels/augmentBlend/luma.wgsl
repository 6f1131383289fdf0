/// PIL's L of a pixel; that of three equal levels is their own.
fn luma_of(pixel: u32) -> u32 {
  let red = pixel & 0xffu;
  let green = (pixel >> 8u) & 0xffu;
  let blue = (pixel >> 16u) & 0xffu;
  return (19595u * red + 38470u * green + 7471u * blue + 0x8000u) >> 16u;
}
