/// The colour of a padding, out of the four that Params holds.
fn fill_of(padding: u32) -> u32 {
  let even = select(params.fill2, params.fill0, padding == 0u);
  let odd = select(params.fill3, params.fill1, padding == 1u);
  return select(odd, even, padding % 2u == 0u);
}
