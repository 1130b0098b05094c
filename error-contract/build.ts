/**
 * Writes `docs/errors.md` from the source and from what each running service documents:
 * `npm run errors:build`.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { currentErrorsPage, ERRORS_PAGE } from './current-errors-page.ts';
import { startFleet } from './fleet.ts';

process.stderr.write('starting every service …\n');
const fleet = await startFleet();
try {
  await writeFile(ERRORS_PAGE, await currentErrorsPage(fleet));
  process.stderr.write(`wrote ${ERRORS_PAGE}\n`);
} finally {
  await fleet.stop();
}
