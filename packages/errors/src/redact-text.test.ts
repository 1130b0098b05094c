import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { redactText } from './redact-text.ts';

/** Texts of libraries, and what is left of them. `S3CRET` must be nowhere. */
const SECRET: Record<string, readonly (readonly [text: string, left: string])[]> = {
  'a URL': [
    [
      'connect postgres://app:S3CRET@db:5432/x failed',
      'connect postgres://app:[redacted]@db:5432/x failed',
    ],
    ['postgres://app:S3C@RET@db:5432/x', 'postgres://app:[redacted]@db:5432/x'],
    ['mongodb+srv://u:S3/CRET@h1,h2/x', 'mongodb+srv://u:[redacted]@h1,h2/x'],
    ['redis://:S3CRET@cache:6379', 'redis://:[redacted]@cache:6379'],
    ['https://S3CRET@github.example/x', 'https://[redacted]@github.example/x'],
    ['GET https://ann:S3CRET@host/x 401', 'GET https://ann:[redacted]@host/x 401'],
  ],
  'a query': [
    ['GET /x?token=S3CRET&page=2', 'GET /x?token=[redacted]&page=2'],
    [
      'GET https://idp.example/cb?access_token=S3CRET&x=1 failed',
      'GET https://idp.example/cb?access_token=[redacted]&x=1 failed',
    ],
    ['sig=S3CRET&X-Amz-Signature=S3CRET', 'sig=[redacted]&X-Amz-Signature=[redacted]'],
    ['client_secret=S3CRET', 'client_secret=[redacted]'],
  ],
  'a connection string': [
    ['host=db password=S3CRET user=app', 'host=db password=[redacted] user=app'],
    ['Host=db;Username=u;Password=S3CRET S3;', 'Host=db;Username=u;Password=[redacted];'],
    [
      'jdbc:postgresql://h/db?user=u&password=S3CRET',
      'jdbc:postgresql://h/db?user=u&password=[redacted]',
    ],
  ],
  'a header': [
    ['sent Authorization: Bearer S3CRET.abc-123=', 'sent Authorization: Bearer [redacted]'],
    ['Cookie: session=S3CRET; b=S3CRET\r\nAccept: json', 'Cookie: [redacted]\r\nAccept: json'],
    ['x-api-key: S3CRET', 'x-api-key: [redacted]'],
    [
      "{ authorization: 'Bearer S3CRET', cookie: 'a=S3CRET', accept: 'json' }",
      "{ authorization: '[redacted]', cookie: '[redacted]', accept: 'json' }",
    ],
    ['Proxy-Authorization: Digest username="S3CRET"', 'Proxy-Authorization: Digest [redacted]'],
    ['the peer wants bearer S3CRETbutnotthis', 'the peer wants bearer [redacted]'],
    ["rawHeaders: [ 'Basic UzNDUkVUOlMzQ1JFVA==' ]", "rawHeaders: [ 'Basic [redacted]' ]"],
  ],
  JSON: [
    ['{"password":"S3CRET"}', '{"password":"[redacted]"}'],
    ['{"password":"a\\"S3CRET","b":1}', '{"password":"[redacted]","b":1}'],
    [
      '{"body":"{\\"password\\":\\"S3CRET\\",\\"a\\":1}"}',
      '{"body":"{\\"password\\":\\"[redacted]\\",\\"a\\":1}"}',
    ],
    ['{"pin":1234,"a":1}', '{"pin":[redacted],"a":1}'],
    ['{"tokens":["S3CRET","S3CRET"],"a":1}', '{"tokens":[redacted],"a":1}'],
    ['{"card":{"no":"S3CRET"},"a":1}', '{"card":[redacted],"a":1}'],
    ['{"password":"S3CRET cut off', '{"password":"[redacted]'],
  ],
  'a setting': [
    ['DB_PASSWORD=S3CRET is wrong', 'DB_PASSWORD=[redacted] is wrong'],
    ['password: S3CRET', 'password: [redacted]'],
    ['(password=S3CRET)', '(password=[redacted])'],
    ['AWS_SECRET_ACCESS_KEY=S3CRET/a+b', 'AWS_SECRET_ACCESS_KEY=[redacted]'],
    ['url=http://x/?a=1 error="token=S3CRET"', 'url=http://x/?a=1 error="token=[redacted]"'],
    ["secret => 'S3CRET'", "secret => '[redacted]'"],
    ['api key: S3CRET', 'api key: [redacted]'],
    ["the password is 'S3CRET'", "the password is '[redacted]'"],
    ['tool --db-password S3CRET --verbose', 'tool --db-password [redacted] --verbose'],
  ],
  'a key': [
    [
      'read -----BEGIN RSA PRIVATE KEY-----\nS3CRET\n-----END RSA PRIVATE KEY----- twice',
      'read -----BEGIN RSA PRIVATE KEY-----[redacted]-----END RSA PRIVATE KEY----- twice',
    ],
    ['-----BEGIN PRIVATE KEY-----\nS3CRET', '-----BEGIN PRIVATE KEY-----[redacted]'],
    ['got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJTM0NSRVQifQ.S3CRET_x.', 'got [redacted].'],
    ['key AKIAIOSFODNN7S3CRET0 is wrong', 'key [redacted] is wrong'],
    ['ghp_S3CRETS3CRETS3CRETS3CRET', '[redacted]'],
    [
      'Incorrect API key provided: sk-S3CRETS3CRETS3CRETS3CRET',
      'Incorrect API key provided: [redacted]',
    ],
    ['xoxb-S3CRET-S3CRET', '[redacted]'],
  ],
};

describe('no secret passes in', () => {
  for (const [kind, cases] of Object.entries(SECRET)) {
    it(kind, () => {
      for (const [text, left] of cases) {
        assert.equal(redactText(text), left);
        assert.equal(redactText(left), left, 'what is redacted stays as it is');
      }
    });
  }
});

test('what holds no secret stays as it is', () => {
  const texts = [
    'GET /items/:id 404 ITEM_NOT_FOUND: Item 7 was not found.',
    'http://127.0.0.1:8080/items@home stays',
    'a bearer of news',
    'basic authentication failed',
    'Basic Auth is off, bearer tokens are on',
    `Unexpected token '}', "{"a":}" is not valid JSON`,
    'Key (email)=(a@b.example) already exists.',
    'at passed (file:///srv/node_modules/auth/src/token.ts:10:20)',
    'at Token.parse (C:\\\\srv\\\\secret.mjs:10:20)',
    'idempotency-key: 7f3a9c',
    '{"tokens_used":12,"max_tokens":3,"author":"ann","className":"C"}',
    'image digest sha256:0a1b2c',
    'postgres://app@db:5432/x',
    'mail ann@example.org or postmaster@example.org',
    'author: bob; passed: 12',
    'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    'DELETE FROM outbox WHERE key = $1',
  ];
  for (const text of texts) assert.equal(redactText(text), text);
});

test('a long text is cut, and says so', () => {
  assert.equal(redactText('x'.repeat(100_000)).length, 16_385);
  assert.match(redactText('x'.repeat(100_000)), /x…$/);
});

test('a text that was made to be slow is not', () => {
  const parts = ['password=', ')', 'a:', 'http://@', 'xy://a:', '-----BEGIN PRIVATE KEY-----', '"'];
  parts.push(
    'password "',
    'token:{',
    'cookie: ',
    'pwd:\\"',
    'bearer ',
    'eyJa.',
    'eyJaaaaaaaa.',
    '--key ',
  );
  // Each against itself and each other; quadratic time would be minutes.
  for (const a of parts) {
    for (const b of parts) redactText(a + b.repeat(16_000 / b.length));
  }
});
