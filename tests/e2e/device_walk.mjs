// A device's life with its shadow and its jobs, by the AWS IoT Device SDK v2 for JavaScript, unchanged:
// MQTT 5 over mutual TLS. The first argument is JSON. Prints what it has seen as JSON.
import { iotjobs, iotshadow, iot, mqtt5 } from "aws-iot-device-sdk-v2";

const setup = JSON.parse(process.argv[2]);
const thingName = setup.thing;
const seen = {};

const builder = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromPath(
  "localhost",
  setup.certificate,
  setup.key,
);
builder.withCertificateAuthorityFromPath(undefined, setup.ca);
builder.withPort(setup.port);
builder.withConnectProperties({ clientId: thingName, keepAliveIntervalSeconds: 60 });
const client = new mqtt5.Mqtt5Client(builder.build());
const connected = new Promise((resolve, reject) => {
  client.on("connectionSuccess", resolve);
  client.on("connectionFailure", (event) => reject(new Error(String(event.error))));
});
client.start();
await connected;

const options = { maxRequestResponseSubscriptions: 6, maxStreamingSubscriptions: 6, operationTimeoutInSeconds: 20 };
const shadows = iotshadow.IotShadowClientv2.newFromMqtt5(client, options);
const shadowName = "credentials";
const refusal = async (request) => {
  try {
    await request;
    return "no refusal";
  } catch (error) {
    return [error.modeledError?.code, error.modeledError?.message];
  }
};

// A stream that is open, and what comes by it.
const listen = async (stream) => {
  const events = [];
  const open = new Promise((resolve) => stream.on("subscriptionStatus", (event) => event.type === 0 && resolve()));
  stream.on("incomingPublish", (event) => events.push(event.message));
  stream.open();
  await open;
  return events;
};
const until = async (condition) => {
  for (let i = 0; i < 1500 && !condition(); ++i) await new Promise((resolve) => setTimeout(resolve, 10));
};

seen.none = await refusal(shadows.getNamedShadow({ thingName, shadowName }));
const deltas = await listen(shadows.createNamedShadowDeltaUpdatedStream({ thingName, shadowName }));
const documents = await listen(shadows.createNamedShadowUpdatedStream({ thingName, shadowName }));
const first = await shadows.updateNamedShadow({
  thingName,
  shadowName,
  state: { desired: { color: "red", level: 3 }, reported: { color: "blue" } },
});
seen.first = [first.version, first.state.desired, first.metadata.reported.color.timestamp > 0];
seen.conflict = await refusal(
  shadows.updateNamedShadow({ thingName, shadowName, version: 7, state: { reported: { color: "red" } } }),
);
await shadows.updateNamedShadow({ thingName, shadowName, state: { reported: { color: "red", level: 3 } } });
const whole = await shadows.getNamedShadow({ thingName, shadowName });
seen.whole = [whole.version, whole.state.reported, whole.state.delta ?? null];
await until(() => deltas.length === 1 && documents.length === 2);
seen.deltas = deltas.map((delta) => [delta.version, delta.state]);
seen.documents = documents.map((document) => [document.previous?.version ?? null, document.current.version]);
seen.deleted = (await shadows.deleteNamedShadow({ thingName, shadowName })).version;
seen.classic = (await shadows.updateShadow({ thingName, state: { reported: { on: true } } })).version;

const jobs = iotjobs.IotJobsClientv2.newFromMqtt5(client, options);
const next = await listen(jobs.createNextJobExecutionChangedStream({ thingName }));
const pending = await jobs.getPendingJobExecutions({ thingName });
seen.pending = pending.queuedJobs.map((job) => [job.jobId, typeof job.queuedAt === "number"]);
const started = await jobs.startNextPendingJobExecution({ thingName });
seen.started = [started.execution.jobId, started.execution.status, started.execution.jobDocument];
seen.stale = await refusal(
  jobs.updateJobExecution({ thingName, jobId: "update", status: iotjobs.model.JobStatus.SUCCEEDED, expectedVersion: 9 }),
);
await jobs.updateJobExecution({ thingName, jobId: "update", status: iotjobs.model.JobStatus.SUCCEEDED });
await until(() => next.length === 1);
seen.next = next.map((event) => event.execution?.jobId ?? null);
seen.unknown = await refusal(jobs.describeJobExecution({ thingName, jobId: "unknown" }));

jobs.close();
shadows.close();
client.stop();
client.close();
console.log(JSON.stringify(seen));
process.exit(0);
