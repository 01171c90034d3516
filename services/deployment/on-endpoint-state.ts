import type { EndpointState } from '../../shared/contracts/aws-events.ts';
import { endpointName } from '../../shared/contracts/names.ts';

/** An endpoint has moved: whoever changes endpoints looks whether it follows its wish. */
export const buildOnEndpointState =
  (stage: string, wish: (pipeline: string) => Promise<void>) =>
  async (detail: EndpointState): Promise<void> => {
    const pipeline = detail.EndpointName.slice(endpointName(stage, '').length);
    await wish(pipeline);
  };
