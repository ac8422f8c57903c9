// What staging a new identity takes, in a test's memory but for the images' folder.
#pragma once

#include "base/files.h"
#include "fleet/fleet_world.h"
#include "fleet/rotate.h"
#include "prepare/credential_formats.h"

namespace imprint::fleet::testing {

class RotationWorld : public FleetWorld {
  protected:
    RotationWorld() {
        settings_.policy.name = "p";
        image::Partition partition;
        partition.name = "storage";
        partition.offset = 0x110000;
        partition.size = 0x10000;
        form_ = prepare::make_credential_template(
                    {partition, prepare::spiffs_format(partition), {}, {}}, {}, "ROOT")
                    .value();
        cloud_.endpoint = "broker.example";
    }

    Result<Staged> stage_one() {
        const StageTools tools{
            .identity = {.settings = settings_, .ledger = ledger_, .registry = &registry_},
            .form = form_,
            .cloud = cloud_,
            .folder = folder_.path() / "images",
            .lot = "",
            .run = run_,
            .log = {}};
        return stage(tools, mac_.id());
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create().value();
    prepare::IdentitySettings settings_;
    prepare::CredentialTemplate form_;
    prepare::CloudFacts cloud_;
};

}  // namespace imprint::fleet::testing
