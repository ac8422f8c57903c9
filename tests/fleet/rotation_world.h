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
        cloud_.endpoint = "broker.example";
    }

    static prepare::CredentialTemplate form_of(const prepare::CredentialSettings& settings) {
        image::Partition partition;
        partition.name = "storage";
        partition.offset = 0x110000;
        partition.size = 0x10000;
        return prepare::make_credential_template(
                   {partition, prepare::spiffs_format(partition), {}, {}}, settings, "ROOT")
            .value();
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
    prepare::CredentialTemplate form_ = form_of({});
    prepare::CloudFacts cloud_;
};

}  // namespace imprint::fleet::testing
