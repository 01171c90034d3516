import type { JsonAction } from '../ports.ts';
import type { Context } from './context.ts';
import { invalid } from './request.ts';
import type { Kind } from './store.ts';

const KINDS: readonly Kind[] = [
  'training-job',
  'transform-job',
  'processing-job',
  'model',
  'endpoint-config',
  'endpoint',
];

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** The `Tags` member of a request as a map. */
export function tagsOf(input: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(((input.Tags ?? []) as Tag[]).map((tag) => [tag.Key, tag.Value]));
}

const toList = (tags: Record<string, string>): Tag[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export function tagActions(context: Context): Record<string, JsonAction> {
  const { store } = context;

  function mustExist(arn: string): void {
    const [kind, name] = (arn.split(':')[5] ?? '').split('/');
    const known = KINDS.find((each) => each === kind);
    if (!known || !store.list(known).some((document) => document.name.toLowerCase() === name)) {
      throw invalid(`Could not find ${kind?.replaceAll('-', ' ') || 'resource'} "${arn}".`);
    }
  }

  return {
    ListTags: (input) => {
      mustExist(String(input.ResourceArn));
      return { Tags: toList(store.tags(String(input.ResourceArn))) };
    },
    DeleteTags: (input) => {
      mustExist(String(input.ResourceArn));
      store.removeTags(String(input.ResourceArn), input.TagKeys as string[]);
      return {};
    },
    AddTags: (input) => {
      mustExist(String(input.ResourceArn));
      store.addTags(String(input.ResourceArn), tagsOf(input));
      return { Tags: toList(store.tags(String(input.ResourceArn))) };
    },
  };
}
