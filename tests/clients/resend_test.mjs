// The official client against Sealpost, with nothing changed but its base URL (RESEND_BASE_URL).
import assert from 'node:assert/strict';
import test from 'node:test';
import { Resend } from 'resend';
import { caught, url } from './inbox.mjs';

const resend = new Resend('sp_dev');
const from = 'Booking <hello@example.com>';

function good({ data, error }) {
  assert.equal(error, null, JSON.stringify(error));
  return data;
}

test('sends html and makes the text part', async () => {
  const { id } = good(await resend.emails.send({ from, to: 'html@example.org', subject: 'Grüße', html: '<p>Hello <b>Ada</b></p>' }));
  assert.match(id, /^[0-9a-f-]{36}$/);
  const [mail] = await caught('html@example.org');
  assert.equal(mail.subject, 'Grüße');
  assert.equal(mail.email_id, id);
  assert.match(mail.raw, /<p>Hello <b>Ada<\/b><\/p>/);
  assert.match(mail.raw, /\r\nHello Ada\r\n/);
  assert.deepEqual(mail.dkim, [{ a: 'rsa-sha256', result: 'pass' }, { a: 'ed25519-sha256', result: 'pass' }]);
  const email = good(await resend.emails.get(id));
  assert.equal(email.object, 'email');
  assert.equal(email.html, '<p>Hello <b>Ada</b></p>');
  assert.deepEqual(email.to, ['html@example.org']);
});

test('sends text to several, with copies, reply-to, headers and tags', async () => {
  good(await resend.emails.send({
    from, to: ['one@example.org', 'two@example.org'], cc: 'three@example.org', bcc: 'four@example.org', replyTo: 'desk@example.com',
    subject: 'Plain', text: 'Just text.', headers: { 'X-Order': '42' }, tags: [{ name: 'category', value: 'receipt' }],
  }));
  const [mail] = await caught('four@example.org');
  assert.match(mail.raw, /^Reply-To: desk@example\.com\r$/m);
  assert.match(mail.raw, /^X-Order: 42\r$/m);
  assert.doesNotMatch(mail.raw, /four@example\.org/);
  assert.equal((await caught('two@example.org')).length, 1);
});

test('sends a template that was created and published', async () => {
  const made = good(await resend.templates.create({
    name: 'Welcome', subject: 'Welcome, {{NAME}}', html: '<p>Dear {{{NAME}}}</p>', variables: [{ key: 'NAME', type: 'string' }],
  }));
  good(await resend.templates.publish(made.id));
  const send = (to, variables) => resend.emails.send({ from, to, template: { id: made.id, variables } });
  good(await send('template@example.org', { NAME: '<Ada>' }));
  const [mail] = await caught('template@example.org');
  assert.equal(mail.subject, 'Welcome, <Ada>');
  assert.match(mail.raw, /<p>Dear &lt;Ada&gt;<\/p>/);
  const refused = await send('template@example.org', {});
  assert.equal(refused.error.name, 'validation_error');
  assert.match(refused.error.message, /NAME/);
});

test('sends attachments', async () => {
  good(await resend.emails.send({
    from, to: 'file@example.org', subject: 'File', text: 'See the file.',
    attachments: [{ filename: 'größe.txt', content: Buffer.from('inside the file') }],
  }));
  const [mail] = await caught('file@example.org');
  assert.ok(mail.raw.includes(Buffer.from('inside the file').toString('base64')));
  assert.match(mail.raw, /filename\*=UTF-8''gr%C3%B6%C3%9Fe\.txt/i);
});

test('sends a batch', async () => {
  const { data } = good(await resend.batch.send([
    { from, to: 'batch-a@example.org', subject: 'A', text: 'a' },
    { from, to: 'batch-b@example.org', subject: 'B', text: 'b' },
  ]));
  assert.equal(data.length, 2);
  assert.equal((await caught('batch-b@example.org'))[0].email_id, data[1].id);
});

test('keeps an idempotency key', async () => {
  const message = { from, to: 'once@example.org', subject: 'Once', text: 'once' };
  const first = good(await resend.emails.send(message, { idempotencyKey: 'order-7' }));
  const second = good(await resend.emails.send(message, { idempotencyKey: 'order-7' }));
  assert.equal(second.id, first.id);
  const other = await resend.emails.send({ ...message, text: 'other' }, { idempotencyKey: 'order-7' });
  assert.equal(other.error.name, 'invalid_idempotent_request');
});

test('sends for later, moves and cancels', async () => {
  const later = (to) => resend.emails.send({ from, to, subject: 'Later', text: 'x', scheduledAt: 'in 1 hour' });
  const moved = good(await later('later@example.org'));
  assert.equal(good(await resend.emails.get(moved.id)).last_event, 'scheduled');
  const at = new Date(Date.now() + 1000).toISOString();
  assert.deepEqual(good(await resend.emails.update({ id: moved.id, scheduledAt: at })), { object: 'email', id: moved.id });
  assert.equal((await caught('later@example.org'))[0].email_id, moved.id);
  const cancelled = good(await later('never@example.org'));
  assert.deepEqual(good(await resend.emails.cancel(cancelled.id)), { object: 'email', id: cancelled.id });
  assert.equal(good(await resend.emails.get(cancelled.id)).last_event, 'canceled');
  assert.equal((await resend.emails.cancel(cancelled.id)).error.name, 'validation_error');
});

test('names what it cannot understand', async () => {
  const { error } = await resend.emails.send({ from, to: 'later@example.org', subject: 'Later', text: 'x', scheduledAt: 'soon' });
  assert.equal(error.name, 'validation_error');
  assert.match(error.message, /scheduled_at/);
});

test('makes a topic whose mail carries a working one-click link', async () => {
  const topic = good(await resend.topics.create({ name: 'News', defaultSubscription: 'opt_in' }));
  const send = () => resend.emails.send({ from, to: 'reader@example.org', subject: 'News', text: 'Read on.', topicId: topic.id });
  good(await send());
  const [mail] = await caught('reader@example.org');
  const link = mail.raw.replace(/\r\n[ \t]/g, ' ').match(/^List-Unsubscribe: <(\S+)>/m)[1];
  assert.ok(link.startsWith(url));
  assert.equal((await fetch(link)).status, 200);
  const answer = await fetch(link, {
    method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'List-Unsubscribe=One-Click',
  });
  assert.equal(answer.status, 200);
  const { id } = good(await send());
  assert.equal(good(await resend.emails.get(id)).last_event, 'suppressed');
});
