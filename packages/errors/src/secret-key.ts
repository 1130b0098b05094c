/**
 * Which keys stand before a secret.
 *
 * @module
 */

/** A key with one of these among its words holds a secret: `db_password`, `X-Auth-Token`. */
const SECRET_WORDS = words(`
  password passwords passwd pwd passphrase passcode secret secrets token authorization
  cookie cookies credential credentials creds jwt bearer otp totp csrf xsrf cvv cvc cvv2 iban ssn
`);

/** A key that is one of these and nothing else: the words also have harmless uses. */
const SECRET_KEYS = words(`
  pass pin card cards pan sid auth authentication sig signature tokens xapikey xauthkey
  xamzsignature xgoogsignature xhubsignature xhubsignature256 phpsessid jsessionid connectsid
`);

/** A key whose words, run together, hold one of these pairs. */
const SECRET_PAIRS =
  /(?:api|access|private|secret|encryption|signing|master|auth|shared|account|storage|ssh)keys?(?:id)?$|card(?:number|num|no|pin|pan)$|(?:credit|debit)card$|sessionkey$|(?:access|refresh|auth|api|id|bearer|session)tokens$|(?:db|database|user|smtp|mail|redis|pg|mysql|admin|root|proxy)pass$|pincode$|authcode$/;

/** A word that was run together, as `dbpassword`, `clientsecret`, `setcookie`. */
const SECRET_RUN =
  /^passw(?:or)?d|(?:password|passwd|passphrase|secret|token|cookie|credentials?|jwt)$/;

/** A key that ends in one of these tells about a secret, and holds none: `token_count`. */
const ABOUT = words(`
  count counts type types length limit limits usage used budget expires expiry expired ttl age at
  status valid policy enabled required brand last4 consent method scheme
`);

const WORD = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+\d*|\d+/g;

/** Keys come from code, nearly always the same few; bounded, since a client may send others. */
const knownKeys = new Map<string, boolean>();
const MAX_KNOWN_KEYS = 1_000;

/**
 * Whether a value under this key is kept out of logs and bodies: told by the words of the key, in
 * whatever way they are joined, so that `className` and `secretary` are none. Plain `tokens` may be
 * one, `tokens_used` is a number; the cookies of sessions are, while a `session_id` names a thing.
 */
export function isSecretKey(key: string): boolean {
  const known = knownKeys.get(key);
  if (known !== undefined) return known;
  const secret = tell(key);
  if (knownKeys.size < MAX_KNOWN_KEYS) knownKeys.set(key, secret);
  return secret;
}

function tell(key: string): boolean {
  const parts =
    key
      .slice(0, 128)
      .match(WORD)
      ?.map((word) => word.toLowerCase()) ?? [];
  const last = parts.at(-1);
  if (last === undefined) return false;
  const joined = parts.join('');
  if (SECRET_KEYS.has(joined)) return true;
  if (parts.length > 1 && ABOUT.has(last)) return false;
  return (
    SECRET_PAIRS.test(joined) ||
    parts.some((word) => SECRET_WORDS.has(word) || SECRET_RUN.test(word)) ||
    // `PassWord`: words that the case has torn apart.
    SECRET_WORDS.has(joined)
  );
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
