// Signatures as judged by mailauth, which shares no code with ours: both algorithms pass, and one changed byte fails.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createRequire } from 'node:module';
import { caught, url } from './inbox.mjs';

const { dkimVerify } = createRequire(import.meta.url)('mailauth/lib/dkim/verify');

async function judge(bytes) {
  const records = await (await fetch(`${url}/x/dev/dns`)).json();
  const resolver = async (name, type) => {
    const found = records.filter((record) => record.name === name && record.type === type);
    if (found.length === 0) throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
    return found.map((record) => [record.value]);
  };
  const { results } = await dkimVerify(bytes, { resolver });
  return results.map((result) => `${result.algo} ${result.status.result}`).sort();
}

test('both signatures pass, and a changed byte fails both', async () => {
  await fetch(`${url}/emails`, {
    method: 'POST',
    headers: { Authorization: 'Bearer sp_dev', 'Content-Type': 'application/json' },
    body: JSON.stringify({ from: 'a@example.com', to: 'judge@example.org', subject: 'Judge', html: '<p>One line.</p>\n.\n<p>Another.</p>' }),
  });
  const [mail] = await caught('judge@example.org');
  const bytes = Buffer.from(mail.raw_base64, 'base64');
  assert.deepEqual(await judge(bytes), ['ed25519-sha256 pass', 'rsa-sha256 pass']);
  bytes[bytes.indexOf('Another')] ^= 1;
  assert.deepEqual(await judge(bytes), ['ed25519-sha256 neutral', 'rsa-sha256 neutral']);
});
