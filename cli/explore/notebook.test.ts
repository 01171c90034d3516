import { notebook } from './notebook.ts';

describe('the notebook of a dataset', () => {
  const document = JSON.parse(notebook({ pipeline: 'wine', version: '0f3a9c51', target: 'quality' })) as {
    nbformat: number;
    nbformat_minor: number;
    cells: Record<string, unknown>[];
  };

  it('is nbformat 4.5: every cell has an id of its own, code its count and outputs', () => {
    expect([document.nbformat, document.nbformat_minor]).toEqual([4, 5]);
    const ids = document.cells.map(({ id }) => id as string);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, cell_type, source, ...rest } of document.cells) {
      expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      expect(source).toEqual(expect.arrayContaining([expect.any(String)]));
      expect(rest).toEqual(
        cell_type === 'code' ? { metadata: {}, execution_count: null, outputs: [] } : { metadata: {} },
      );
    }
  });

  it('reads from its own folder alone', () => {
    expect(JSON.stringify(document)).not.toMatch(/s3:|https?:|\/home|\/tmp/);
  });
});
