import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSecretKey } from './secret-key.ts';

const SECRET = `
  password Password PASSWORD passWord userPassword user_password db-password dbpassword newPassword1
  passwordHash password_confirmation pwd passwd passphrase pass db_pass secret client_secret clientSecret
  clientsecret aws.secret.access.key token TOKEN X_TOKEN access_token accessToken accesstoken refreshToken
  id_token csrf-token xsrfToken x-amz-security-token tokens authTokens Authorization proxy-authorization
  auth authentication X-Auth-Token cookie Cookie Set-Cookie setcookie x-api-key apiKey api_key apikey APIKey
  privateKey private_key accessKey AWS_ACCESS_KEY_ID encryption_key signingKey credential credentials
  X-Amz-Credential X-Amz-Signature sig signature jwt bearer otp cvv cvc card card_number cardNumber card-no
  creditCard pan iban Iban ssn pin sid connect.sid JSESSIONID --password spring.datasource.password
`;

const INNOCENT = `
  className classNames businessName processName accessName addressNumber spanId cardinality caliban
  secretary passengers passed bypass compass expand company discard author authors authority
  authored_by tokens_used max_tokens prompt_tokens completionTokens tokenCount token_count token_type
  session sessionId session_id order_id email key idempotency_key idempotencyKey primary_key public_key publicKey routingKey keyboard
  monkey shipping design inside signal assigned signatures_count cookie_count password_policy
  card_type card_last4 token_expires_at sessions_count passedTests pinned spinner panel span shipping_pin_map
  error_code trace_id message path field value http.route service.name
`;

test('keys of secrets are told by their words, however they are joined', () => {
  for (const key of SECRET.trim().split(/\s+/)) assert.ok(isSecretKey(key), key);
});

test('keys that only look like those of secrets pass', () => {
  for (const key of INNOCENT.trim().split(/\s+/)) assert.ok(!isSecretKey(key), key);
});

test('what is no word at all is no secret', () => {
  for (const key of ['', '0', '_', '–', 'ключ', '$']) assert.equal(isSecretKey(key), false, key);
});

test('telling secret keys apart stays right when clients have sent very many keys', () => {
  for (let i = 0; i < 2_000; i++) isSecretKey(`client-key-${i}`);
  assert.equal(isSecretKey('another_password'), true);
  assert.equal(isSecretKey('another_name'), false);
});
