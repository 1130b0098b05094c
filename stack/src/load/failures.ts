/** A response that `k6/lib/request.ts` noted. */
export interface FailedResponse {
  readonly name: string;
  readonly status: number;
  readonly error_code: string;
  readonly trace_id: string;
  /** Whether the script wanted this answer. */
  readonly expected: boolean;
}

const MARK = 'failed-response ';
const SHOWN = 3;

/** The failed response in a line of k6's JSON log; undefined for any other line. */
export function readFailure(line: string): FailedResponse | undefined {
  const message = readMessage(line);
  if (!message?.startsWith(MARK)) return undefined;
  return JSON.parse(message.slice(MARK.length)) as FailedResponse;
}

/** The text of a line of k6's JSON log. */
export function readMessage(line: string): string | undefined {
  try {
    const message = (JSON.parse(line) as { msg?: unknown }).msg;
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

/** Failed responses by answer, each with a few ids to explain. */
export function renderFailures(failures: readonly FailedResponse[]): string {
  if (failures.length === 0) return 'No response failed.';
  const groups = Map.groupBy(
    failures,
    ({ status, error_code, expected }) =>
      `${status} ${error_code || '(no code)'}${expected ? ', as the script expects' : ', UNEXPECTED'}`,
  );
  return [
    `${failures.length} failed responses; follow one with npm run explain -- TRACE_ID`,
    ...[...groups].flatMap(([answer, group]) => [
      `  ${group.length} × ${answer}`,
      ...group.slice(0, SHOWN).map(({ trace_id, name }) => `      ${trace_id}  ${name}`),
    ]),
  ].join('\n');
}
