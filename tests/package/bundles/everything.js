// All that runs in a browser.

export * as engine from 'wgrad';
export * as datasets from 'wgrad/datasets';
export * as kernels from 'wgrad/kernels';
export * as models from 'wgrad/models';
export * as diagram from 'wgrad/models/diagram';
export * as nn from 'wgrad/nn';
export * as optim from 'wgrad/optim';
export * as training from 'wgrad/training';
