// A life of a thing with AWS's own SDK for JavaScript, unchanged: arguments are the address, the region
// and the key's two halves. Prints what it has seen as JSON.
import * as iot from "@aws-sdk/client-iot";

const [, , endpoint, region, accessKeyId, secretAccessKey, csr] = process.argv;
const client = new iot.IoTClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 2 });
const send = (name, input = {}) => client.send(new iot[`${name}Command`](input));
const seen = {};

seen.endpoint = (await send("DescribeEndpoint", { endpointType: "iot:Data-ATS" })).endpointAddress;
await send("CreateThingType", { thingTypeName: "js" });
for (let i = 0; i < 7; ++i)
  await send("CreateThing", {
    thingName: `js-${i}`,
    thingTypeName: "js",
    attributePayload: { attributes: { number: String(i) } },
  });
seen.things = [];
for await (const page of iot.paginateListThings({ client, pageSize: 3 }, { thingTypeName: "js" }))
  seen.things.push(...page.things.map((thing) => thing.thingName));
const made = await send("CreateKeysAndCertificate", { setAsActive: false });
const other = await send("CreateCertificateFromCsr", { certificateSigningRequest: csr, setAsActive: true });
seen.key = made.keyPair.PrivateKey.startsWith("-----BEGIN RSA PRIVATE KEY-----");
await send("CreatePolicy", {
  policyName: "js",
  policyDocument: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "iot:Connect", Resource: "*" }],
  }),
});
await send("AttachPolicy", { policyName: "js", target: made.certificateArn });
await send("AttachThingPrincipal", { thingName: "js-0", principal: made.certificateArn });
await send("UpdateCertificate", { certificateId: made.certificateId, newStatus: "ACTIVE" });
const described = await send("DescribeCertificate", { certificateId: made.certificateId });
seen.status = described.certificateDescription.status;
seen.created = described.certificateDescription.creationDate instanceof Date;
seen.principals = (await send("ListThingPrincipals", { thingName: "js-0" })).principals.length;
seen.certificates = [];
for await (const page of iot.paginateListCertificates({ client, pageSize: 1 }, {}))
  seen.certificates.push(...page.certificates.map((one) => one.certificateId));
seen.errors = [];
for (const [name, input] of [
  ["DescribeThing", { thingName: "none" }],
  ["DeleteCertificate", { certificateId: made.certificateId }],
  ["CreateThing", { thingName: "js-0" }],
  ["CreateThing", { thingName: "bad name" }],
])
  try {
    await send(name, input);
  } catch (error) {
    // A typed exception of the SDK's own, not a mere name.
    seen.errors.push([error.name, error instanceof iot[error.name], error.$metadata.httpStatusCode]);
  }
await send("DetachThingPrincipal", { thingName: "js-0", principal: made.certificateArn });
await send("DetachPolicy", { policyName: "js", target: made.certificateArn });
for (const id of [made.certificateId, other.certificateId]) {
  await send("UpdateCertificate", { certificateId: id, newStatus: "INACTIVE" });
  await send("DeleteCertificate", { certificateId: id });
}
for (const thingName of seen.things) await send("DeleteThing", { thingName });
seen.left = [(await send("ListThings")).things.length, (await send("ListCertificates")).certificates.length];
console.log(JSON.stringify(seen));
