#!/usr/bin/python3
"""2,000 things registered with a local registry that answers after 50 ms and lets each operation through
100 times a second: how much longer it takes than those quotas alone dictate.

    registration.py IMPRINT [THINGS [QUOTA [LATENCY_MS]]]
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

imprint = pathlib.Path(sys.argv[1]).resolve()
things, quota, latency = (int(argument) for argument in (sys.argv[2:] + ["2000", "100", "50"][len(sys.argv) - 2:]))

with tempfile.TemporaryDirectory(prefix="imprint-bench-") as name:
    folder = pathlib.Path(name)
    for command in (["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ca.key"],
                    ["req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=CA", "-days", "30", "-out", "ca.pem"]):
        subprocess.run(["openssl", *command], check=True, capture_output=True, cwd=folder)
    os.chmod(folder / "ca.key", 0o600)
    (folder / "imprint.toml").write_text("""
[identity]
issue = "own-ca"
thing_type = "lamp"
[identity.ca]
certificate = "ca.pem"
key = "ca.key"
[identity.policy]
name = "lamp"
document = "policy.json"
[registry]
provider = "local"
state = "registry"
""")
    (folder / "policy.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iot:Connect",
         "Resource": "arn:aws:iot:*:*:client/${iot:Connection.Thing.ThingName}"}]}))
    serving = subprocess.Popen([imprint, "registry", "serve", "--no-broker", "--quota", str(quota), "--latency",
                                str(latency)], cwd=folder, stdout=subprocess.DEVNULL)
    try:
        while not (folder / "registry" / "registry.json").exists():
            time.sleep(0.05)
        subprocess.run([imprint, "registry", "mint", "minted", "--count", str(things)], check=True, cwd=folder,
                       stdout=subprocess.DEVNULL)
        started = time.monotonic()
        done = subprocess.run([imprint, "registry", "register", "minted", "--json"], cwd=folder, check=True,
                              capture_output=True, text=True)
        took = time.monotonic() - started
    finally:
        serving.terminate()
        serving.wait()
    event = json.loads(done.stdout.splitlines()[-1])
    # Each operation is needed once a thing; its bucket is full at the start.
    dictated = (things - quota) / quota
    print(f"{event['registered']} things in {event['seconds']:.2f} s ({took:.2f} s with the start), "
          f"{dictated:.2f} s dictated by {quota} a second and a full bucket, {things / quota:.2f} without the bucket: "
          f"{event['seconds'] / (things / quota):.3f} of it")
