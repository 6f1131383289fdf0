// `wgrad/service`: a model as an HTTP service.
export type { ServiceLimits } from './limits.ts';
export {
  type ClassifiedImage,
  createService,
  type ListenOptions,
  type Service,
  type ServiceOptions,
} from './service.ts';
