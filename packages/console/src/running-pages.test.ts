import assert from 'node:assert/strict';
import { test } from 'node:test';
import { servePeer } from '@breakwater/testing';
import { RunningPages } from './running-pages.ts';

const LINKS = { Jaeger: 'http://jaeger', Grafana: 'http://grafana', Console: 'http://console' };

test('links lead to pages that are there', async (t) => {
  const jaeger = await servePeer('jaeger');
  t.after(() => jaeger.stop());
  const pages = new RunningPages({ Jaeger: jaeger.url, Grafana: 'http://127.0.0.1:9' });
  assert.deepEqual(await pages.among(LINKS), { Jaeger: LINKS.Jaeger, Console: LINKS.Console });
});
