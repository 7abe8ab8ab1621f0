// Bolt for JavaScript as its documentation writes it, with a Mux route that verifies and posts. Stores nothing.
const crypto = require('node:crypto');
const { App, LogLevel } = require('@slack/bolt');

const { SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_API_URL, MUX_WEBHOOK_SECRET, PORT } = process.env;

function isFromMux(header, body) {
  const found = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header || '');
  if (!found || Math.abs(Date.now() / 1000 - Number(found[1])) > 300) return false;
  const expected = crypto.createHmac('sha256', MUX_WEBHOOK_SECRET).update(`${found[1]}.`).update(body).digest();
  return crypto.timingSafeEqual(expected, Buffer.from(found[2], 'hex'));
}

const app = new App({
  token: SLACK_BOT_TOKEN,
  signingSecret: SLACK_SIGNING_SECRET,
  logLevel: LogLevel.ERROR,
  clientOptions: { slackApiUrl: SLACK_API_URL },
  customRoutes: [{
    path: '/mux/webhooks',
    method: ['POST'],
    handler: (req, res) => {
      const chunks = [];
      req.on('data', (chunk) => chunks.push(chunk));
      req.on('end', () => {
        const body = Buffer.concat(chunks);
        if (!isFromMux(req.headers['mux-signature'], body)) {
          res.writeHead(401).end();
          return;
        }
        const { data } = JSON.parse(body);
        app.client.chat.postMessage({ channel: 'C0', text: `${data.passthrough} is ${data.status}` });
        res.writeHead(200).end();
      });
    },
  }],
});

app.command('/caption', async ({ ack, body }) => ack(`Got ${body.text}`));
app.action(/^job_/, async ({ ack }) => ack());
app.view('caption_modal', async ({ ack }) => ack());
app.start({ port: Number(PORT), host: '127.0.0.1' });
