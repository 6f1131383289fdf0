// Weights are files of their own, with a name that changes with their content. Relative, so that any folder can host it.
export default {
  base: './',
  assetsInclude: ['**/*.safetensors'],
  build: { target: 'es2022', assetsInlineLimit: 0 },
};
