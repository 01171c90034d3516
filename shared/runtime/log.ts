/** One JSON object a line, as CloudWatch Logs Insights reads it. */
export type Fields = Readonly<Record<string, unknown>>;

function write(level: 'info' | 'warn' | 'error', message: string, fields: Fields): void {
  process.stdout.write(`${JSON.stringify({ level, message, ...fields })}\n`);
}

export const log = {
  info: (message: string, fields: Fields = {}): void => write('info', message, fields),
  warn: (message: string, fields: Fields = {}): void => write('warn', message, fields),
  error: (message: string, error: unknown, fields: Fields = {}): void =>
    write('error', message, {
      ...fields,
      error:
        error instanceof Error
          ? { name: error.name, message: error.message, stack: error.stack }
          : String(error),
    }),
};
