// One channel at a time: its winning tap as it is.
alias Element = f32;
alias Taps = u32;

fn packed(taps: Taps) -> u32 {
  return taps;
}

fn unpacked(word: u32) -> Taps {
  return word;
}
