// dropout's operand for single elements: one of the four words of a counter.
alias Words = u32;

fn words(index: u32) -> Words {
  return random_words(params.seed, params.stream, index / 4u)[index % 4u];
}
