// Node-RED's runtime without its editor, on loopback.
module.exports = {
  uiPort: Number(process.env.PORT),
  uiHost: '127.0.0.1',
  flowFile: 'flows.json',
  httpAdminRoot: false,
  disableEditor: true,
  telemetry: { enabled: false, updateNotification: false },
  logging: { console: { level: 'warn', metrics: false, audit: false } },
};
