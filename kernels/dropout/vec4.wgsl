// dropout's operand for four elements at a time: all words of a counter, so every element gets the same word as alone.
alias Words = vec4u;

fn words(index: u32) -> Words {
  return random_words(params.seed, params.stream, index);
}
