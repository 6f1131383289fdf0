// Operations on tensors by PyTorch's names.
export * from './activation.ts';
export * from './arithmetic.ts';
export * from './cast.ts';
export * from './conv.ts';
export * from './image.ts';
export * from './linear.ts';
export * from './loss.ts';
export * from './normalization.ts';
export * from './pooling.ts';
export * from './random.ts';
export * from './reduction.ts';
export * from './shape.ts';
