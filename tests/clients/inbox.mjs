// What the development inbox caught, for tests.
export const url = process.env.RESEND_BASE_URL;

export async function caught(to, count = 1) {
  for (let round = 0; round < 3; round++) {
    const answer = await fetch(`${url}/x/dev/inbox?to=${encodeURIComponent(to)}&wait=10`);
    const mails = await answer.json();
    if (mails.length >= count) return mails;
    await fetch(`${url}/x/dev/inbox?to=${encodeURIComponent(to)}&after=${mails.at(-1)?.id ?? ''}&wait=10`);
  }
  throw new Error(`no ${count} mails to ${to} within the time`);
}
