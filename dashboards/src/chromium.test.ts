import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findChromium, pictureSections, takeScreenshots, withBrowser } from './chromium.ts';

const folder = mkdtempSync(join(tmpdir(), 'breakwater-pictures-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const program = findChromium();
const skip = program ? false : 'there is no Chromium on PATH';

test('a Chromium that is not on PATH is not found', () => {
  assert.equal(findChromium(folder), undefined);
});

test('each section of a page becomes a picture', { skip }, async () => {
  const file = join(folder, 'page.html');
  writeFileSync(file, '<section id="a">one</section><section id="b">two</section>');
  const pictures = join(folder, 'sections');
  await withBrowser(program ?? '', (browser) =>
    pictureSections(browser, file, ['a', 'b'], pictures),
  );
  assert.deepEqual(readdirSync(pictures), ['a.png', 'b.png']);
});

test('a panel that shows an error is named', { skip }, async () => {
  const server = createServer(({ url = '' }, response) => {
    const mark = url.startsWith('/d/bad') ? 'data-testid Panel status error' : 'panel';
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(`<p data-testid="${mark}">a panel</p>`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pictures = join(folder, 'pages');
  const problems = await withBrowser(program ?? '', (browser) =>
    takeScreenshots(browser, url, ['good', 'bad'], pictures),
  );
  server.close();
  assert.deepEqual(problems, ['1 panels of bad show an error']);
  assert.deepEqual(readdirSync(pictures), ['bad.png', 'good.png']);
});
