-- The ledger of a small lot, as 0.1.0 wrote it: three boards, one of them rotated, one retired, one failed.
PRAGMA application_id = 1231908978;
PRAGMA user_version = 7;
BEGIN TRANSACTION;
CREATE TABLE "attempts" (
    id            INTEGER PRIMARY KEY,
    run           INTEGER NOT NULL REFERENCES runs(id),
    mac           TEXT NOT NULL,
    bay           TEXT NOT NULL,
    chip          TEXT NOT NULL,
    thing         TEXT NOT NULL,
    started       INTEGER NOT NULL,
    ended         INTEGER,
    outcome       TEXT NOT NULL DEFAULT 'running',
    error_code    TEXT NOT NULL DEFAULT '',
    error_message TEXT NOT NULL DEFAULT '',
    claimed       INTEGER NOT NULL DEFAULT 0,
    lot           TEXT,
    merged        INTEGER NOT NULL DEFAULT 0,
    source_id     INTEGER
, serial TEXT NOT NULL DEFAULT '', golden INTEGER NOT NULL DEFAULT 0, fault TEXT NOT NULL DEFAULT '', entered INTEGER NOT NULL DEFAULT 0);
INSERT INTO "attempts" VALUES(1,1,'246f28000001','bay1','esp32','246f28000001',1796053839664,1796053840263,'passed','','',1,'order-17',0,NULL,'T-002',0,'',1);
INSERT INTO "attempts" VALUES(2,1,'246f28000000','bay0','esp32','246f28000000',1796053839665,1796053840261,'passed','','',1,'order-17',0,NULL,'T-001',0,'',1);
INSERT INTO "attempts" VALUES(3,2,'246f28000002','bay2','esp32','246f28000002',1796053840563,1796053843131,'failed','console_unexpected','the board did not print "never printed" in 2 s; its last line was: I (669) imprint: connected as 246f28000002 (look at what the board prints (imprint prepare -v shows it; with --json the board_console events), at the broker and at the policy)',1,'order-17',0,NULL,'T-003',0,'board',1);
INSERT INTO "attempts" VALUES(4,4,'246f28000000','bay0','esp32','246f28000000',1796053843624,1796053844144,'passed','','',1,'order-17',0,NULL,'',0,'',0);
CREATE TABLE "certificates" (
    id                INTEGER PRIMARY KEY,
    attempt           INTEGER NOT NULL REFERENCES "attempts"(id),
    mac               TEXT NOT NULL,
    thing             TEXT NOT NULL,
    certificate_id    TEXT,
    public_pem        TEXT NOT NULL,
    policy            TEXT NOT NULL,
    state             TEXT NOT NULL DEFAULT 'requested'
                      CHECK (state IN ('requested', 'inactive', 'staged', 'queued', 'active',
                                       'proven', 'overwritten', 'gone')),
    requested         INTEGER NOT NULL,
    changed           INTEGER NOT NULL,
    deactivation_owed INTEGER NOT NULL DEFAULT 0,
    pem               TEXT NOT NULL DEFAULT '',
    registration      TEXT NOT NULL DEFAULT '',
    ahead             INTEGER NOT NULL DEFAULT 0,
    adopted           INTEGER NOT NULL DEFAULT 0,
    retirement_owed   INTEGER NOT NULL DEFAULT 0,
    proven            INTEGER,
    merged            INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "certificates" VALUES(1,2,'246f28000000','246f28000000','07428d80f9930cc8496c92d74ee3f08c2a5391e18cac700fd95a0598f75ada5e','-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJuhYLFeIj1bjlgLhV2zl2XcaxxV7
Ex+trs9qo0I/oMhCjm/XiWKaTRSHB/CnxleTme0/W5BrluUIxPyjFI7H7w==
-----END PUBLIC KEY-----
','e2e-policy','gone',1796053839906,1796053844127,0,'-----BEGIN CERTIFICATE-----
MIIBrjCCAVSgAwIBAgIQUbqtWiLP3KveZWr8yWPY+jAKBggqhkjOPQQDAjAkMSIw
IAYDVQQDDBlJbXByaW50IExvY2FsIFJlZ2lzdHJ5IENBMB4XDTI2MTEzMDE0NTAz
OVoXDTQ5MTIzMDE1NTAzOVowFzEVMBMGA1UEAwwMMjQ2ZjI4MDAwMDAwMFkwEwYH
KoZIzj0CAQYIKoZIzj0DAQcDQgAEJuhYLFeIj1bjlgLhV2zl2XcaxxV7Ex+trs9q
o0I/oMhCjm/XiWKaTRSHB/CnxleTme0/W5BrluUIxPyjFI7H76N1MHMwDAYDVR0T
AQH/BAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYD
VR0OBBYEFDncpoSnCxhl5xHwORrO0ni9S/fxMB8GA1UdIwQYMBaAFBFBzHCiDGWY
1K0jhThewbC/60G9MAoGCCqGSM49BAMCA0gAMEUCIQCHvhJNCCJ8th+Fr1cRJjXN
Ie49XH3Oxtekqo5yK6XH7AIgHC0UNtePv1wWppL+uCyj3n8AxHs1tD6N0BhdEc31
tOw=
-----END CERTIFICATE-----
','',0,0,0,1796053840257,0);
INSERT INTO "certificates" VALUES(2,1,'246f28000001','246f28000001','413c39be94afe2884ebf09818cfd997243fd3e607bdb3d612598e3ca13ece0e6','-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEtojWf5UFjhau153ojx0HLljtQnMh
vJaO764G1PPVb82VZRgNL7AZFMFIaxMJYIlyEf0dqwY5mZZZ8mT/Rz1uRQ==
-----END PUBLIC KEY-----
','e2e-policy','gone',1796053839908,1796053843306,0,'-----BEGIN CERTIFICATE-----
MIIBrTCCAVSgAwIBAgIQYB5XVss2vAvQ73OtvXleqzAKBggqhkjOPQQDAjAkMSIw
IAYDVQQDDBlJbXByaW50IExvY2FsIFJlZ2lzdHJ5IENBMB4XDTI2MTEzMDE0NTAz
OVoXDTQ5MTIzMDE1NTAzOVowFzEVMBMGA1UEAwwMMjQ2ZjI4MDAwMDAxMFkwEwYH
KoZIzj0CAQYIKoZIzj0DAQcDQgAEtojWf5UFjhau153ojx0HLljtQnMhvJaO764G
1PPVb82VZRgNL7AZFMFIaxMJYIlyEf0dqwY5mZZZ8mT/Rz1uRaN1MHMwDAYDVR0T
AQH/BAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYD
VR0OBBYEFBPhO9Qa3ve0nHaW6H1echXb210QMB8GA1UdIwQYMBaAFBFBzHCiDGWY
1K0jhThewbC/60G9MAoGCCqGSM49BAMCA0cAMEQCIAaUlLiOogR080K7DswDdbdl
DIXuz3wi6XbtSpTQqLOWAiAMu5z0b4ox1y2l5GaGdWh+w0S371Vpzd4Kj0ovPQqI
5w==
-----END CERTIFICATE-----
','',0,0,0,1796053840255,0);
INSERT INTO "certificates" VALUES(3,3,'246f28000002','246f28000002','a289ffaf8c264e417738c5bd43afae0ece0044cda0cc79732a4bed7d30c8bd2e','-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9cZDexykwZ5ay93hO3phz69BsGcU
t2gDfenwEpZ89U6yHPZchay/1TiFjoiIkkahMqMS7flAWWJgbut+wA2GMA==
-----END PUBLIC KEY-----
','e2e-policy','inactive',1796053840806,1796053843130,0,'-----BEGIN CERTIFICATE-----
MIIBrzCCAVSgAwIBAgIQbbaiw0CRqjqAQFE6fV7S2TAKBggqhkjOPQQDAjAkMSIw
IAYDVQQDDBlJbXByaW50IExvY2FsIFJlZ2lzdHJ5IENBMB4XDTI2MTEzMDE0NTA0
MFoXDTQ5MTIzMDE1NTA0MFowFzEVMBMGA1UEAwwMMjQ2ZjI4MDAwMDAyMFkwEwYH
KoZIzj0CAQYIKoZIzj0DAQcDQgAE9cZDexykwZ5ay93hO3phz69BsGcUt2gDfenw
EpZ89U6yHPZchay/1TiFjoiIkkahMqMS7flAWWJgbut+wA2GMKN1MHMwDAYDVR0T
AQH/BAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYD
VR0OBBYEFBmHSsib3IKrTl2uFRs6XILANT08MB8GA1UdIwQYMBaAFBFBzHCiDGWY
1K0jhThewbC/60G9MAoGCCqGSM49BAMCA0kAMEYCIQCgsJwRz8IUjcYQkbQrcbrK
izyrPhPDHkHD5XatUkmo1QIhANlmURpjAz/Cg9mBuw+c0vw3tFMtF64GtbxNGyJS
C+21
-----END CERTIFICATE-----
','',0,0,0,NULL,0);
INSERT INTO "certificates" VALUES(4,4,'246f28000000','246f28000000','c011d3bae6d2fbbb3e1e929eeeb031a9f8d0904571c17b414711aedb80643c1f','-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqxBEm0s3Qeeuhm/c4UUoaTnTWeY/
cjQAPoP4j4ECm2Gph8vEnBcf1F1RuJLF69WJpSa4WNkD6+4wJudNa+fMhg==
-----END PUBLIC KEY-----
','e2e-policy','proven',1796053843845,1796053844101,0,'-----BEGIN CERTIFICATE-----
MIIBrTCCAVSgAwIBAgIQZJU88/BcRcnV+44k3EqMtDAKBggqhkjOPQQDAjAkMSIw
IAYDVQQDDBlJbXByaW50IExvY2FsIFJlZ2lzdHJ5IENBMB4XDTI2MTEzMDE0NTA0
M1oXDTQ5MTIzMDE1NTA0M1owFzEVMBMGA1UEAwwMMjQ2ZjI4MDAwMDAwMFkwEwYH
KoZIzj0CAQYIKoZIzj0DAQcDQgAEqxBEm0s3Qeeuhm/c4UUoaTnTWeY/cjQAPoP4
j4ECm2Gph8vEnBcf1F1RuJLF69WJpSa4WNkD6+4wJudNa+fMhqN1MHMwDAYDVR0T
AQH/BAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYD
VR0OBBYEFO1vDC/xVm0BnWZbgGkct3yl8W6EMB8GA1UdIwQYMBaAFBFBzHCiDGWY
1K0jhThewbC/60G9MAoGCCqGSM49BAMCA0cAMEQCHwo1UfmpGUwjshdx2U80Uuu8
i6cQPmB5Z5vi0rtJm64CIQCNLtRvcuAH6yvGq4+P0+wWV2pKrCUL/blgVAeeEO3s
nA==
-----END CERTIFICATE-----
','',0,0,0,1796053844101,0);
CREATE TABLE "effects" (
    id       INTEGER PRIMARY KEY,
    run      INTEGER NOT NULL REFERENCES runs(id),
    attempt  INTEGER REFERENCES "attempts"(id),
    kind     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    intended INTEGER NOT NULL,
    done     INTEGER,
    result   TEXT NOT NULL DEFAULT ''
);
INSERT INTO "effects" VALUES(1,1,NULL,'create_thing_type','e2e-type',1796053839641,1796053839648,'done');
INSERT INTO "effects" VALUES(2,1,NULL,'create_policy','e2e-policy',1796053839649,1796053839657,'done');
INSERT INTO "effects" VALUES(3,1,2,'flash','bootloader.bin',1796053839892,1796053840069,'4ed307ff29630d39223287d84063e457');
INSERT INTO "effects" VALUES(4,1,2,'flash','partition-table.bin',1796053839892,1796053840069,'a34bfb9f80c88d2a26e46c6d4c9acf53');
INSERT INTO "effects" VALUES(5,1,2,'flash','aws_iot.bin',1796053839892,1796053840069,'3911c9c053bac8a6ac4b184655a25cb1');
INSERT INTO "effects" VALUES(6,1,1,'flash','bootloader.bin',1796053839895,1796053840068,'4ed307ff29630d39223287d84063e457');
INSERT INTO "effects" VALUES(7,1,1,'flash','partition-table.bin',1796053839895,1796053840068,'a34bfb9f80c88d2a26e46c6d4c9acf53');
INSERT INTO "effects" VALUES(8,1,1,'flash','aws_iot.bin',1796053839895,1796053840068,'3911c9c053bac8a6ac4b184655a25cb1');
INSERT INTO "effects" VALUES(9,1,2,'create_thing','246f28000000',1796053839895,1796053839903,'done');
INSERT INTO "effects" VALUES(10,1,1,'create_thing','246f28000001',1796053839904,1796053839907,'done');
INSERT INTO "effects" VALUES(11,1,2,'attach','07428d80f9930cc8496c92d74ee3f08c2a5391e18cac700fd95a0598f75ada5e',1796053839924,1796053839930,'done');
INSERT INTO "effects" VALUES(12,1,1,'attach','413c39be94afe2884ebf09818cfd997243fd3e607bdb3d612598e3ca13ece0e6',1796053839925,1796053839932,'done');
INSERT INTO "effects" VALUES(13,1,2,'overwrite','credentials',1796053839988,1796053839988,'');
INSERT INTO "effects" VALUES(14,1,2,'flash','credentials',1796053839989,1796053840069,'a45652ebc58acca703b16d731fa2018d');
INSERT INTO "effects" VALUES(15,1,1,'overwrite','credentials',1796053839991,1796053839991,'');
INSERT INTO "effects" VALUES(16,1,1,'flash','credentials',1796053839992,1796053840068,'b2a89004d6cb888594311061e6819f5d');
INSERT INTO "effects" VALUES(17,1,1,'activate','413c39be94afe2884ebf09818cfd997243fd3e607bdb3d612598e3ca13ece0e6',1796053840070,1796053840072,'done');
INSERT INTO "effects" VALUES(18,1,2,'activate','07428d80f9930cc8496c92d74ee3f08c2a5391e18cac700fd95a0598f75ada5e',1796053840071,1796053840074,'done');
INSERT INTO "effects" VALUES(19,2,3,'flash','bootloader.bin',1796053840790,1796053840938,'4ed307ff29630d39223287d84063e457');
INSERT INTO "effects" VALUES(20,2,3,'flash','partition-table.bin',1796053840790,1796053840938,'a34bfb9f80c88d2a26e46c6d4c9acf53');
INSERT INTO "effects" VALUES(21,2,3,'flash','aws_iot.bin',1796053840790,1796053840938,'3911c9c053bac8a6ac4b184655a25cb1');
INSERT INTO "effects" VALUES(22,2,3,'create_thing','246f28000002',1796053840800,1796053840802,'done');
INSERT INTO "effects" VALUES(23,2,3,'attach','a289ffaf8c264e417738c5bd43afae0ece0044cda0cc79732a4bed7d30c8bd2e',1796053840815,1796053840827,'done');
INSERT INTO "effects" VALUES(24,2,3,'overwrite','credentials',1796053840866,1796053840866,'');
INSERT INTO "effects" VALUES(25,2,3,'flash','credentials',1796053840870,1796053840938,'8e792cac6a2a2335cb519fcffda9424a');
INSERT INTO "effects" VALUES(26,2,3,'activate','a289ffaf8c264e417738c5bd43afae0ece0044cda0cc79732a4bed7d30c8bd2e',1796053840940,1796053840942,'done');
INSERT INTO "effects" VALUES(27,2,3,'deactivate','a289ffaf8c264e417738c5bd43afae0ece0044cda0cc79732a4bed7d30c8bd2e',1796053843127,1796053843130,'done');
INSERT INTO "effects" VALUES(28,3,NULL,'retire','413c39be94afe2884ebf09818cfd997243fd3e607bdb3d612598e3ca13ece0e6',1796053843291,1796053843306,'done');
INSERT INTO "effects" VALUES(29,4,4,'create_thing','246f28000000',1796053843839,1796053843843,'done');
INSERT INTO "effects" VALUES(30,4,4,'attach','c011d3bae6d2fbbb3e1e929eeeb031a9f8d0904571c17b414711aedb80643c1f',1796053843855,1796053843871,'done');
INSERT INTO "effects" VALUES(31,4,4,'overwrite','credentials',1796053843889,1796053843889,'');
INSERT INTO "effects" VALUES(32,4,4,'flash','credentials',1796053843898,1796053843910,'4e4a71217d97494f2d668dd0bd05eb8b');
INSERT INTO "effects" VALUES(33,4,4,'activate','c011d3bae6d2fbbb3e1e929eeeb031a9f8d0904571c17b414711aedb80643c1f',1796053843917,1796053843928,'done');
INSERT INTO "effects" VALUES(34,4,4,'retire','07428d80f9930cc8496c92d74ee3f08c2a5391e18cac700fd95a0598f75ada5e',1796053844108,1796053844127,'done');
CREATE TABLE free_numbers (
    lot    TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (lot, number)
) WITHOUT ROWID;
CREATE TABLE golden_samples (
    lot TEXT NOT NULL REFERENCES lots(name),
    mac TEXT NOT NULL,
    PRIMARY KEY (lot, mac)
) WITHOUT ROWID;
CREATE TABLE lots (
    id              INTEGER PRIMARY KEY,
    name            TEXT NOT NULL UNIQUE,
    code            TEXT NOT NULL UNIQUE,
    target          INTEGER NOT NULL DEFAULT 0,
    state           TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paused', 'closed')),
    opened          INTEGER NOT NULL,
    since           INTEGER NOT NULL,
    changed         INTEGER NOT NULL,
    chip            TEXT NOT NULL DEFAULT '',
    least_revision  INTEGER,
    most_revision   INTEGER,
    flash_size      INTEGER NOT NULL DEFAULT 0,
    firmware        TEXT NOT NULL DEFAULT '',
    serial_template TEXT NOT NULL DEFAULT '',
    first_number    INTEGER NOT NULL DEFAULT 1,
    next_number     INTEGER NOT NULL DEFAULT 1,
    failed_serial   TEXT NOT NULL DEFAULT 'keep' CHECK (failed_serial IN ('keep', 'free')),
    merged          INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "lots" VALUES(1,'order-17','4711',5,'paused',1796053839238,1796053844271,1796053844271,'',NULL,NULL,0,'d7cc634f8e74591af0fd0f6f2eec939e6a0e5a3139d3b848b72c90b984d5fd3e','T-{number:3}',1,4,'keep',0);
CREATE TABLE retirements (
    id       INTEGER PRIMARY KEY,
    thing    TEXT NOT NULL,
    reason   TEXT NOT NULL,
    intended INTEGER NOT NULL,
    done     INTEGER,
    result   TEXT NOT NULL DEFAULT ''
);
INSERT INTO "retirements" VALUES(1,'246f28000001','scrapped',1796053843287,1796053843313,'413c39be94afe2884ebf09818cfd997243fd3e607bdb3d612598e3ca13ece0e6');
CREATE TABLE run_files (
    run    INTEGER NOT NULL REFERENCES runs(id),
    path   TEXT NOT NULL,
    offset INTEGER NOT NULL,
    size   INTEGER NOT NULL,
    sha256 TEXT NOT NULL
);
INSERT INTO "run_files" VALUES(1,'project/build/bootloader/bootloader.bin',4096,25904,'884db8bd0fb55e29c3f95b60a0599ec31d0eec2ae2a4dd3b128f4c0e25df05a4');
INSERT INTO "run_files" VALUES(1,'project/build/partition_table/partition-table.bin',32768,3072,'f9f2bcca8670179fb109a3684baa5ff314fff3e0d53c710620edf1abe636d3ca');
INSERT INTO "run_files" VALUES(1,'project/build/aws_iot.bin',65536,950352,'9c16591e4507e241eaf67c3c366f9dcfc9cf89be6936c5299e50a0f5f45b0f78');
INSERT INTO "run_files" VALUES(2,'project/build/bootloader/bootloader.bin',4096,25904,'884db8bd0fb55e29c3f95b60a0599ec31d0eec2ae2a4dd3b128f4c0e25df05a4');
INSERT INTO "run_files" VALUES(2,'project/build/partition_table/partition-table.bin',32768,3072,'f9f2bcca8670179fb109a3684baa5ff314fff3e0d53c710620edf1abe636d3ca');
INSERT INTO "run_files" VALUES(2,'project/build/aws_iot.bin',65536,950352,'9c16591e4507e241eaf67c3c366f9dcfc9cf89be6936c5299e50a0f5f45b0f78');
INSERT INTO "run_files" VALUES(4,'project/build/bootloader/bootloader.bin',4096,25904,'884db8bd0fb55e29c3f95b60a0599ec31d0eec2ae2a4dd3b128f4c0e25df05a4');
INSERT INTO "run_files" VALUES(4,'project/build/partition_table/partition-table.bin',32768,3072,'f9f2bcca8670179fb109a3684baa5ff314fff3e0d53c710620edf1abe636d3ca');
INSERT INTO "run_files" VALUES(4,'project/build/aws_iot.bin',65536,950352,'9c16591e4507e241eaf67c3c366f9dcfc9cf89be6936c5299e50a0f5f45b0f78');
CREATE TABLE runs (
    id       INTEGER PRIMARY KEY,
    version  TEXT NOT NULL,
    lot      TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    firmware TEXT NOT NULL,
    started  INTEGER NOT NULL,
    ended    INTEGER,
    passed   INTEGER NOT NULL DEFAULT 0,
    failed   INTEGER NOT NULL DEFAULT 0
, process TEXT NOT NULL DEFAULT '', firmware_commit TEXT NOT NULL DEFAULT '', app_name TEXT NOT NULL DEFAULT '', app_version TEXT NOT NULL DEFAULT '', app_elf_sha256 TEXT NOT NULL DEFAULT '', command TEXT NOT NULL DEFAULT 'prepare', uid TEXT NOT NULL DEFAULT '', merged INTEGER NOT NULL DEFAULT 0, station TEXT NOT NULL DEFAULT '', host TEXT NOT NULL DEFAULT '', operator TEXT NOT NULL DEFAULT '', account TEXT NOT NULL DEFAULT '', region TEXT NOT NULL DEFAULT '');
INSERT INTO "runs" VALUES(1,'0.1.0','order-17','127.0.0.1','d7cc634f8e74591af0fd0f6f2eec939e6a0e5a3139d3b848b72c90b984d5fd3e',1796053839626,1796053840264,2,0,'station-1/00000000-0000-4000-8000-000000000000/4026531836/11312/4913486','','imprint_sample','1.0.0','92521fc3cbd964bdc9f584a991b89fddaa5754ed1cc96d6d42445338669c1305','prepare','03a07cf92039c5f266edd1fc33d8a4c7',0,'north','station-1','Ada','000000000000','eu-west-1');
INSERT INTO "runs" VALUES(2,'0.1.0','order-17','127.0.0.1','d7cc634f8e74591af0fd0f6f2eec939e6a0e5a3139d3b848b72c90b984d5fd3e',1796053840550,1796053843135,0,1,'station-1/00000000-0000-4000-8000-000000000000/4026531836/11325/4913591','','imprint_sample','1.0.0','92521fc3cbd964bdc9f584a991b89fddaa5754ed1cc96d6d42445338669c1305','prepare','e7aa04c4828b3d8dfc5e0cf5d3f0639b',0,'north','station-1','Ada','000000000000','eu-west-1');
INSERT INTO "runs" VALUES(3,'0.1.0','','','',1796053843273,1796053843314,0,0,'station-1/00000000-0000-4000-8000-000000000000/4026531836/11342/4913876','','','','','registry retire','42e8dc309b2bebeaa806c5dc550a5fef',0,'north','station-1','Ada','','');
INSERT INTO "runs" VALUES(4,'0.1.0','','127.0.0.1','d7cc634f8e74591af0fd0f6f2eec939e6a0e5a3139d3b848b72c90b984d5fd3e',1796053843607,1796053844146,1,0,'station-1/00000000-0000-4000-8000-000000000000/4026531836/11346/4913894','','imprint_sample','1.0.0','92521fc3cbd964bdc9f584a991b89fddaa5754ed1cc96d6d42445338669c1305','prepare','94bbb6c846043369fb102264cbfa8680',0,'north','station-1','Ada','000000000000','eu-west-1');
CREATE TABLE serials (
    id      INTEGER PRIMARY KEY,
    lot     TEXT NOT NULL,
    serial  TEXT NOT NULL UNIQUE,
    mac     TEXT NOT NULL,
    state   TEXT NOT NULL DEFAULT 'reserved' CHECK (state IN ('reserved', 'used')),
    attempt INTEGER NOT NULL,
    number  INTEGER,
    changed INTEGER NOT NULL,
    merged  INTEGER NOT NULL DEFAULT 0,
    UNIQUE (lot, mac)
);
INSERT INTO "serials" VALUES(1,'order-17','T-001','246f28000000','used',2,1,1796053840261,0);
INSERT INTO "serials" VALUES(2,'order-17','T-002','246f28000001','used',1,2,1796053840263,0);
INSERT INTO "serials" VALUES(3,'order-17','T-003','246f28000002','reserved',3,3,1796053840788,0);
CREATE INDEX retirements_by_thing ON retirements(thing, id);
CREATE INDEX run_files_by_run ON run_files(run, offset);
CREATE UNIQUE INDEX runs_by_uid ON runs(uid);
CREATE INDEX runs_by_time ON runs(started, id);
CREATE INDEX attempts_by_mac ON attempts(mac, started, id);
CREATE INDEX attempts_by_time ON attempts(started, id);
CREATE INDEX attempts_by_thing ON attempts(thing, started, id);
CREATE INDEX attempts_by_run ON attempts(run, source_id);
CREATE INDEX attempts_running ON attempts(mac) WHERE ended IS NULL;
CREATE INDEX effects_by_attempt ON effects(attempt, id);
CREATE INDEX effects_by_run ON effects(run, id);
CREATE INDEX effects_of_commands ON effects(subject, id) WHERE attempt IS NULL;
CREATE UNIQUE INDEX certificates_by_id ON certificates(certificate_id);
CREATE INDEX certificates_by_mac ON certificates(mac, id);
CREATE INDEX certificates_by_thing ON certificates(thing, id);
CREATE INDEX certificates_by_attempt ON certificates(attempt, id);
CREATE INDEX certificates_unfinished ON certificates(mac)
    WHERE state IN ('requested', 'inactive', 'active');
CREATE INDEX certificates_queued ON certificates(id) WHERE state = 'queued';
CREATE INDEX certificates_owed ON certificates(id)
    WHERE deactivation_owed = 1 OR retirement_owed = 1;
CREATE INDEX serials_by_mac ON serials(mac);
CREATE INDEX attempts_by_lot ON attempts(lot, mac, started, id, outcome, fault, golden, ended);
COMMIT;
