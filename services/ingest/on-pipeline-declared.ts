import { createHash } from 'node:crypto';
import { inList, pipelineKey, pipelineList } from '../../shared/aws/keys.ts';
import { tryAgainOnConflict } from '../../shared/aws/try-again.ts';
import { imageUri } from '../../shared/contracts/images.ts';
import { parseSpecification } from '../../shared/contracts/parse-specification.ts';
import type { PipelineSpecification } from '../../shared/contracts/pipeline-specification.ts';
import type { Pipeline } from '../../shared/lifecycle/pipeline.ts';
import { type HttpAnswer, HttpProblem } from '../../shared/runtime/handle-http.ts';
import { type RequestShape, requestShape, shapeDigest } from '../../shared/serving/request-shape.ts';
import type { CheckImage, IngestPorts } from './ports.ts';

/** A person declares what a pipeline is. Runs that are under way keep the specification they began with. */
/** Applications, the champion and the challenger on canary share their requests: while there is a champion, what a
 * request holds stays. Throws HttpProblem. */
function keepRequests(
  { name, champion, specification: before }: Pipeline,
  after: PipelineSpecification,
): void {
  if (!champion) return;
  const [asked, wanted] = [requestShape(before), requestShape(after)];
  if ((champion.asks ?? shapeDigest(asked)) === shapeDigest(wanted)) return;
  const told = ({ records, columns }: RequestShape) => `${records} records (${listed(columns)})`;
  const message =
    `Applications ask the champion ${champion.name} with ${told(asked)}, this specification wants ${told(wanted)}; ` +
    'both models of a canary get the same requests. Keep deploy.records and the columns (the target aside, names and order), ' +
    `or declare it under another name, such as ${name.slice(0, 26)}-2, and move the applications over`;
  throw new HttpProblem(409, { error: 'RequestsChanged', message });
}

const LISTED = 12;
const listed = (columns: readonly string[]): string =>
  columns.length > LISTED
    ? `${columns.slice(0, LISTED).join(', ')} and ${columns.length - LISTED} more`
    : columns.join(', ');

export function buildOnPipelineDeclared({ items, runs, settings, now }: IngestPorts, checkImage: CheckImage) {
  async function declare(specification: PipelineSpecification): Promise<HttpAnswer> {
    const { name } = specification;
    const at = new Date(now()).toISOString();
    const digest = createHash('sha256').update(JSON.stringify(specification)).digest('hex');
    const stored = await runs.loadPipeline(name);
    if (stored) {
      keepRequests(stored.state, specification);
      if (stored.state.digest !== digest)
        await runs.savePipeline(stored, { ...stored.state, specification, digest });
      return { status: 200, body: { pipeline: name, digest, changed: stored.state.digest !== digest } };
    }
    const pipeline: Pipeline = {
      name,
      version: 1,
      specification,
      digest,
      runCounter: 0,
      trainingSlot: {},
      canarySlot: {},
      createdAt: at,
      updatedAt: at,
    };
    const created = await items.create(pipelineKey(name), { state: pipeline }, inList(pipelineList, name));
    return created
      ? { status: 201, body: { pipeline: name, digest, changed: true } }
      : declare(specification);
  }

  return async (name: string, text: string): Promise<HttpAnswer> => {
    const parsed = parseSpecification(text);
    if (parsed.kind === 'invalid') {
      const count = parsed.problems.length;
      throw new HttpProblem(400, {
        error: 'InvalidSpecification',
        message: `The specification has ${count} ${count === 1 ? 'problem' : 'problems'}; nothing was changed`,
        problems: parsed.problems,
      });
    }
    const { specification } = parsed;
    if (specification.name !== name) {
      throw new HttpProblem(400, {
        error: 'NameMismatch',
        message: `The specification is named "${specification.name}", the address says "${name}"`,
      });
    }
    const front = specification.deploy.records === 'raw' ? ['features'] : [];
    for (const name of [specification.train.image, ...front]) {
      const image = await checkImage(imageUri(name, settings));
      if (image.kind === 'missing')
        throw new HttpProblem(400, { error: 'MissingImage', message: image.reason });
    }
    return tryAgainOnConflict(() => declare(specification));
  };
}
