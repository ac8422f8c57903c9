// New credentials over the air, between a station and devices that run what a chip runs: whatever
// is lost, and whenever the power goes, each device can connect, and ends with one certificate.
#include <gmock/gmock.h>
#include <iostream>

#include "base/error_code.h"
#include "fleet/air_world.h"

namespace imprint::fleet {
namespace {

using testing::AirDevice;
using testing::CertificateState;
using testing::CertificateStatus;
using ::testing::HasSubstr;
using testing::Strike;

class OverTheAir : public testing::AirWorld {
  protected:
    OverTheAir() : device_(prepared(mac_)), first_(device_->id_in_force()) {}

    // Until it is finished, in turns: the station looks, the device does one thing.
    AirLook go_on(int most = 40) {
        for (int i = 0; i < most; ++i) {
            const auto now = look(mac_.id());
            EXPECT_TRUE(device_->is_in_force(device_->id_in_force())) << "turn " << i;
            if (now && (now->state == AirState::finished || now->state == AirState::refused))
                return *now;
            device_->step();
        }
        ADD_FAILURE() << "no end";
        return {};
    }

    void expect_one_new_certificate() {
        const std::string now = device_->id_in_force();
        EXPECT_NE(now, first_);
        EXPECT_EQ(registry_.statuses(), (std::map<std::string, std::string>{{now, "ACTIVE"}}));
        EXPECT_TRUE(shadows_.documents.empty());
        const auto records = ledger_.certificates(mac_).value();
        for (const auto& record : records) {
            if (record.id == now) {
                EXPECT_EQ(record.state, CertificateState::proven);
            } else {
                // One that the registry refused stays as requested; nothing is known to be there.
                EXPECT_TRUE(record.state == CertificateState::gone ||
                            record.state == CertificateState::requested);
            }
        }
    }

    // The device has said so of itself.
    void report(const std::string& json) {
        shadows_.write(mac_.id(), R"({"state":{"reported":{"rotation":)" + json + "}}}");
    }

    Result<Advanced> cancel() {
        return cancel_any_rotation(recorded_, shadows_, ledger_, run_, mac_.id());
    }

    std::string id() { return shadows_.documents[mac_.id()]["desired"]["rotation"]["id"]; }

    std::unique_ptr<AirDevice> device_;
    std::string first_;
};

TEST_F(OverTheAir, a_device_gets_a_certificate_for_a_key_that_it_made) {
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    EXPECT_EQ(look(mac_.id())->state, AirState::asked) << "it is not asked twice";
    device_->step();
    device_->step();
    const auto answered = look(mac_.id());
    ASSERT_TRUE(answered) << answered.error().describe();
    EXPECT_EQ(answered->state, AirState::answered);
    EXPECT_EQ(status(answered->certificate_id), "ACTIVE") << "before the device has it";
    EXPECT_EQ(status(first_), "ACTIVE") << "until the device has connected with the new one";
    const AirLook done = go_on();
    EXPECT_EQ(done.state, AirState::finished);
    EXPECT_EQ(done.certificate_id, answered->certificate_id);
    EXPECT_EQ(done.retired, 1U);
    expect_one_new_certificate();
    for (const auto& [thing, document] : shadows_.documents)
        EXPECT_THAT(document.dump(), ::testing::Not(HasSubstr("PRIVATE KEY")));
}

TEST_F(OverTheAir, once_more_after_it_is_finished_is_another_rotation) {
    EXPECT_EQ(go_on().state, AirState::finished);
    const std::string second = device_->id_in_force();
    EXPECT_EQ(go_on().state, AirState::finished);
    EXPECT_NE(device_->id_in_force(), second);
    expect_one_new_certificate();
}

// Each report makes AWS tell of what differs, which is asked for again.
TEST_F(OverTheAir, a_device_says_each_thing_once) {
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    const auto said_in_steps = [this](int steps) {
        const unsigned before = shadows_.reports;
        for (int i = 0; i < steps; ++i)
            device_->step();
        return shadows_.reports - before;
    };
    EXPECT_EQ(said_in_steps(6), 1U) << "its request";
    EXPECT_EQ(look(mac_.id())->state, AirState::answered);
    EXPECT_EQ(said_in_steps(6), 1U) << "that it is in force";
    device_->restart();
    EXPECT_EQ(said_in_steps(6), 0U);
}

// Who says "refused" has the certificate retired that it was given: only where it is certainly not
// in force.
TEST_F(OverTheAir, flash_that_cannot_be_read_for_a_while_costs_no_device_its_certificate) {
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    device_->step();
    device_->step();
    ASSERT_EQ(look(mac_.id())->state, AirState::answered);
    device_->step();  // staged
    const prepare::Nor staged = device_->flash;
    device_->step();  // tried, committed
    const prepare::Nor committed = device_->flash;
    ASSERT_NE(device_->id_in_force(), first_);
    const auto documents = shadows_.documents;
    std::size_t disturbed = 0;
    for (const prepare::Nor& flash : {staged, committed}) {
        // Starts, connects, asks, and tries what is staged.
        const auto run = [&](std::optional<std::size_t> from, std::size_t many) {
            device_->flash = flash;
            shadows_.documents = documents;
            shadows_.write(mac_.id(), R"({"state":{"reported":null}})");
            device_->restart();
            device_->flash.unreadable_from = from;
            device_->flash.unreadable = many;
            for (int i = 0; i < 4; ++i)
                device_->step();
            return device_->flash.reads;
        };
        const std::size_t reads = run({}, 0);
        for (const std::size_t many : {std::size_t(1), reads})
            for (std::size_t i = 0; i < 40; ++i, ++disturbed) {
                static_cast<void>(run(reads * i / 40, many));
                const auto& reported = shadows_.documents[mac_.id()]["reported"];
                const bool refused =
                    reported.is_object() && reported["rotation"]["state"] == "refused";
                if (refused) {
                    EXPECT_EQ(device_->id_in_force(), first_) << many << " from " << i;
                }
            }
    }
    EXPECT_EQ(disturbed, 160U);
}

TEST_F(OverTheAir, an_answer_that_comes_a_day_late_is_taken) {
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    ASSERT_TRUE(clock_.sleep(std::chrono::hours(25)));
    EXPECT_EQ(go_on().state, AirState::finished);
    expect_one_new_certificate();
}

TEST_F(OverTheAir, a_device_that_lost_its_key_in_a_restart_asks_anew) {
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    device_->step();
    device_->step();
    const auto unused = look(mac_.id());
    device_->restart();
    EXPECT_EQ(go_on().state, AirState::finished);
    EXPECT_NE(device_->id_in_force(), unused->certificate_id);
    expect_one_new_certificate();
}

TEST_F(OverTheAir, a_broker_that_has_no_time_takes_nothing_back) {
    unsigned issued = 0;
    registry_.after = [&issued](const std::string& call) { issued += call == "issue" ? 1 : 0; };
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    device_->step();
    device_->step();
    EXPECT_EQ(look(mac_.id())->state, AirState::answered);
    // Its key is in memory, and then the set is staged.
    for (int i = 0; i < 2; ++i) {
        for (const int code : {429, 500, 400})
            device_->reject(code);
        device_->step();
    }
    EXPECT_EQ(go_on().state, AirState::finished);
    EXPECT_EQ(issued, 1U) << "it made one key";
    expect_one_new_certificate();
}

TEST_F(OverTheAir, where_the_broker_refuses_the_new_one_the_old_one_stays) {
    device_->refuses_new = true;
    const AirLook done = go_on();
    EXPECT_EQ(done.state, AirState::refused);
    EXPECT_EQ(done.why, "the broker refuses it");
    EXPECT_EQ(device_->trials, 1) << "the same set is not tried for ever";
    EXPECT_FALSE(device_->has_staged());
    EXPECT_EQ(device_->id_in_force(), first_);
    EXPECT_EQ(registry_.statuses(), (std::map<std::string, std::string>{{first_, "ACTIVE"}}));
    EXPECT_TRUE(shadows_.documents.empty());
    device_->refuses_new = false;
    EXPECT_EQ(go_on().state, AirState::finished);
    expect_one_new_certificate();
}

TEST_F(OverTheAir, a_refusal_outlives_a_restart) {
    device_->refuses_new = true;
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    for (int i = 0; i < 12; ++i) {
        if (i == 2) {
            EXPECT_EQ(look(mac_.id())->state, AirState::answered);
        }
        device_->step();
    }
    device_->restart();
    for (int i = 0; i < 4; ++i)
        device_->step();
    EXPECT_EQ(device_->trials, 1);
    EXPECT_EQ(look(mac_.id())->state, AirState::refused);
}

TEST_F(OverTheAir, what_the_shadow_says_of_another_rotation_does_not_count) {
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    report(R"({"id":"00","state":"refused","why":"long ago"})");
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    EXPECT_EQ(shadows_.documents.size(), 1U);
}

TEST_F(OverTheAir, a_device_that_claims_another_certificate_is_not_believed) {
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    device_->step();
    device_->step();
    EXPECT_EQ(look(mac_.id())->state, AirState::answered);
    report(R"({"id":")" + id() + R"(","state":"committed","public_key":"00"})");
    EXPECT_EQ(look(mac_.id())->state, AirState::answered);
    EXPECT_EQ(status(first_), "ACTIVE");
}

// Its request came twice, with another key, and the second answer never reached the shadow.
TEST_F(OverTheAir, what_the_device_works_with_stays_and_not_what_was_made_last) {
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    device_->step();
    device_->step();
    const auto given = look(mac_.id());
    device_->step();  // it has it staged
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    const nlohmann::json csr = key->request(mac_.id());
    report(R"({"id":")" + id() + R"(","state":"requested","csr":)" + csr.dump() + "}");
    shadows_.strike = [](const std::string& call) {
        return call == "update" ? Strike::refused : Strike::none;
    };
    EXPECT_FALSE(look(mac_.id()));
    shadows_.strike = nullptr;
    EXPECT_EQ(registry_.active().size(), 3U);
    device_->step();  // connects with what it has staged
    EXPECT_EQ(look(mac_.id())->state, AirState::finished);
    EXPECT_EQ(device_->id_in_force(), given->certificate_id);
    expect_one_new_certificate();
}

TEST_F(OverTheAir, a_request_for_another_thing_is_not_signed) {
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    const nlohmann::json csr = key->request(second_.id());
    report(R"({"id":")" + id() + R"(","state":"requested","csr":)" + csr.dump() + "}");
    EXPECT_EQ(code_of(look(mac_.id())), "request_of_another");
    EXPECT_EQ(registry_.statuses().size(), 1U);
}

TEST_F(OverTheAir, a_request_for_the_key_that_it_has_is_not_signed) {
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    imprint_identity::Identity identity;
    imprint_identity::Problem mended;
    ASSERT_FALSE(load_in_force(device_->flash.places(), identity, mended));
    const auto key = pki::PrivateKey::from_pem(Secret(identity.private_key.c_str()));
    const nlohmann::json csr = key->request(mac_.id());
    report(R"({"id":")" + id() + R"(","state":"requested","csr":)" + csr.dump() + "}");
    EXPECT_EQ(code_of(look(mac_.id())), "request_of_another");
    EXPECT_EQ(registry_.statuses().size(), 1U);
}

TEST_F(OverTheAir, nor_one_for_a_key_that_it_had_long_ago) {
    imprint_identity::Identity identity;
    imprint_identity::Problem mended;
    ASSERT_FALSE(load_in_force(device_->flash.places(), identity, mended));
    EXPECT_EQ(go_on().state, AirState::finished);
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    const auto key = pki::PrivateKey::from_pem(Secret(identity.private_key.c_str()));
    const nlohmann::json csr = key->request(mac_.id());
    report(R"({"id":")" + id() + R"(","state":"requested","csr":)" + csr.dump() + "}");
    EXPECT_EQ(code_of(look(mac_.id())), "request_of_another");
}

TEST_F(OverTheAir, what_is_no_request_is_told) {
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    report(R"({"id":")" + id() + R"(","state":"requested","csr":"nonsense"})");
    EXPECT_EQ(code_of(look(mac_.id())), "request_invalid");
}

TEST_F(OverTheAir, a_thing_that_is_rotated_by_an_image_is_left_alone) {
    make(CertificateState::staged, CertificateStatus::inactive);
    EXPECT_EQ(code_of(look(mac_.id())), "rotation_in_progress");
    EXPECT_TRUE(shadows_.documents.empty());
}

TEST_F(OverTheAir, nor_is_a_thing_rotated_by_an_image_that_is_rotated_over_the_air) {
    EXPECT_TRUE(check_not_over_the_air(shadows_, mac_.id()));
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    EXPECT_EQ(code_of(check_not_over_the_air(shadows_, mac_.id())), "rotation_in_progress");
    EXPECT_EQ(go_on().state, AirState::finished);
    EXPECT_TRUE(check_not_over_the_air(shadows_, mac_.id()));
    // A station that has no right to look has not begun it either.
    shadows_.strike = [](const std::string&) { return Strike::denied; };
    EXPECT_TRUE(check_not_over_the_air(shadows_, mac_.id()));
    shadows_.strike = [](const std::string&) { return Strike::refused; };
    EXPECT_EQ(code_of(check_not_over_the_air(shadows_, mac_.id())), "registry_unreachable");
}

TEST_F(OverTheAir, what_was_asked_and_not_answered_is_taken_back) {
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    device_->step();
    device_->step();
    const auto done = cancel();
    ASSERT_TRUE(done) << done.error().describe();
    EXPECT_EQ(done->retired, 0U);
    EXPECT_TRUE(shadows_.documents.empty());
    EXPECT_EQ(go_on().state, AirState::finished) << "another one begins anew";
    expect_one_new_certificate();
}

// The device's only certificate may be the one that it has been given.
TEST_F(OverTheAir, what_the_device_was_given_is_not_taken_back) {
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    device_->step();
    device_->step();
    const auto given = look(mac_.id());
    ASSERT_EQ(given->state, AirState::answered);
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(code_of(cancel()), "rotation_answered") << i;
        EXPECT_EQ(status(given->certificate_id), "ACTIVE") << i;
        EXPECT_EQ(shadows_.documents.size(), 1U);
        device_->step();
    }
    EXPECT_EQ(device_->id_in_force(), given->certificate_id);
    EXPECT_EQ(go_on().state, AirState::finished);
    expect_one_new_certificate();
}

// Its board was prepared on the bench meanwhile: what the shadow offers is gone.
TEST_F(OverTheAir, an_answer_that_is_gone_does_not_keep_its_shadow) {
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    device_->step();
    device_->step();
    const auto given = look(mac_.id());
    ASSERT_EQ(given->state, AirState::answered);
    ASSERT_TRUE(ledger_.certificate_gone(mac_, given->certificate_id));
    const auto done = cancel();
    ASSERT_TRUE(done) << done.error().describe();
    EXPECT_EQ(done->retired, 0U);
    EXPECT_TRUE(shadows_.documents.empty());
}

TEST_F(OverTheAir, what_the_device_has_refused_is_taken_back) {
    device_->refuses_new = true;
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    device_->step();
    device_->step();
    EXPECT_EQ(look(mac_.id())->state, AirState::answered);
    for (int i = 0; i < 6; ++i)
        device_->step();
    const auto done = cancel();
    ASSERT_TRUE(done) << done.error().describe();
    EXPECT_EQ(done->retired, 1U);
    EXPECT_TRUE(shadows_.documents.empty());
    EXPECT_EQ(device_->id_in_force(), first_);
    EXPECT_EQ(registry_.statuses(), (std::map<std::string, std::string>{{first_, "ACTIVE"}}));
}

// Another run has answered between the look and the change.
TEST_F(OverTheAir, nothing_is_taken_back_that_has_changed_meanwhile) {
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    device_->step();
    device_->step();
    std::string given;
    shadows_.before_update = [&] { given = look(mac_.id())->certificate_id; };
    EXPECT_EQ(code_of(cancel()), "ConflictException");
    EXPECT_EQ(status(given), "ACTIVE");
    EXPECT_EQ(go_on().state, AirState::finished);
}

// Whoever holds the device's present key may write anything into its shadow.
TEST_F(OverTheAir, what_was_in_force_before_the_wish_is_no_answer_to_it) {
    const auto forge = [this](const std::string& certificate) {
        const auto facts = pki::read_certificate_facts(certificate).value();
        const nlohmann::json desired{{"id", "mine"}, {"certificate", certificate}};
        const nlohmann::json reported{
            {"id", "mine"}, {"state", "committed"}, {"public_key", facts.public_key_sha256}};
        shadows_.write(mac_.id(), nlohmann::json{{"state",
                                                  {{"desired", {{"rotation", desired}}},
                                                   {"reported", {{"rotation", reported}}}}}}
                                      .dump());
        ASSERT_TRUE(clock_.sleep(std::chrono::seconds(5)));
        shadows_.desired_at[mac_.id()] =
            std::chrono::floor<std::chrono::seconds>(clock_.wall().time_since_epoch()).count();
    };
    forge(registry_.certificates.at(first_).certificate.pem);
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    EXPECT_NE(id(), "mine");
    shadows_.desired_at.clear();
    EXPECT_EQ(go_on().state, AirState::finished);
    expect_one_new_certificate();
    const std::string second = device_->id_in_force();
    forge(registry_.certificates.at(second).certificate.pem);
    EXPECT_EQ(look(mac_.id())->state, AirState::asked) << "nor is that of the rotation before";
    shadows_.desired_at.clear();
    EXPECT_EQ(go_on().state, AirState::finished);
    EXPECT_NE(device_->id_in_force(), second);
}

TEST_F(OverTheAir, a_device_that_asks_again_and_again_has_two_unused_certificates_at_most) {
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    for (int i = 0; i < 5; ++i) {
        device_->restart();  // without its key
        device_->step();
        device_->step();
        EXPECT_EQ(look(mac_.id())->state, AirState::answered);
        EXPECT_LE(registry_.statuses().size(), 3U) << i;
        EXPECT_EQ(status(first_), "ACTIVE");
    }
    EXPECT_EQ(go_on().state, AirState::finished);
    expect_one_new_certificate();
}

TEST_F(OverTheAir, a_thing_that_is_not_there_is_told) {
    EXPECT_EQ(code_of(look("nobody")), "thing_unknown");
    EXPECT_TRUE(shadows_.documents.empty());
}

TEST_F(OverTheAir, a_shadow_that_is_no_document_is_told) {
    shadows_.documents[mac_.id()] = "text";
    EXPECT_EQ(code_of(look(mac_.id())), "shadow_unreadable");
}

TEST_F(OverTheAir, just_in_time_and_minted_identities_are_not_rotated_so) {
    settings_.issue = prepare::Issue::minted;
    EXPECT_EQ(code_of(check_over_the_air(settings_)), "rotate_minted");
    settings_.issue = prepare::Issue::own_ca;
    settings_.ca.registration = prepare::Registration::just_in_time;
    EXPECT_EQ(code_of(check_over_the_air(settings_)), "rotate_just_in_time");
    settings_.ca.registration = prepare::Registration::with_ca;
    EXPECT_TRUE(check_over_the_air(settings_));
}

TEST_F(OverTheAir, a_policy_without_the_shadow_is_found_before_the_first_thing) {
    const auto allows = [this](const std::vector<std::string>& topics, const std::string& thing) {
        nlohmann::json resources = nlohmann::json::array();
        for (const auto& topic : topics)
            for (const char* type : {"topic/", "topicfilter/"})
                resources.push_back(std::string("arn:aws:iot:*:*:") + type + topic);
        const nlohmann::json statement{
            {"Effect", "Allow"}, {"Action", "iot:*"}, {"Resource", resources}};
        prepare::CloudFacts cloud;
        cloud.policy_document =
            nlohmann::json{{"Version", "2012-10-17"}, {"Statement", {statement}}}.dump();
        return check_policy_over_the_air(cloud, thing, mac_);
    };
    const std::string own = "$aws/things/${iot:Connection.Thing.ThingName}/shadow/";
    EXPECT_TRUE(allows({own + "*"}, mac_.id()));
    // Each of those that a device uses is needed.
    const std::vector<std::string> used{"get", "get/accepted", "get/rejected", "update",
                                        "update/delta"};
    for (std::size_t without = 0; without <= used.size(); ++without) {
        std::vector<std::string> topics;
        for (std::size_t i = 0; i < used.size(); ++i)
            if (i != without) topics.push_back(own + "name/credentials/" + used[i]);
        EXPECT_EQ(code_of(allows(topics, mac_.id())),
                  without < used.size() ? "rotation_not_allowed" : "(no error)")
            << without;
    }
    EXPECT_THAT(allows({own + "update*"}, mac_.id()).error().describe(),
                HasSubstr("iot:Subscribe on"));
    // A client whose id is not its thing's name has no such variable.
    EXPECT_EQ(code_of(allows({own + "*"}, "lamp-7")), "rotation_not_allowed");
    EXPECT_TRUE(allows({"$aws/things/lamp-7/shadow/*"}, "lamp-7"));
    EXPECT_TRUE(check_policy_over_the_air({}, mac_.id(), mac_)) << "nothing is known of it";
}

TEST_F(OverTheAir, a_thing_that_is_named_twice_is_rotated_once) {
    unsigned finished = 0;
    const AirListener listener{[&](const std::string&, const AirLook& now) {
                                   finished += now.state == AirState::finished ? 1 : 0;
                               },
                               [](const std::string&, const Error&) { ADD_FAILURE(); }};

    // The device goes on while the station waits.
    struct Waiting final : public Clock {
        Waiting(Clock& inner, AirDevice& device) : inner_(inner), device_(device) {}

        [[nodiscard]] Instant now() const override { return inner_.now(); }

        [[nodiscard]] WallTime wall() const override { return inner_.wall(); }

        bool sleep(Milliseconds time, const std::stop_token& stop) override {
            device_.step();
            return inner_.sleep(time, stop);
        }

        Clock& inner_;
        AirDevice& device_;
    } waiting(clock_, *device_);

    const AirSum sum =
        rotate_over_the_air(tools_, {mac_.id(), mac_.id()},
                            {.clock = waiting, .most = std::chrono::minutes(5)}, listener);
    EXPECT_EQ(sum.finished, 1U);
    EXPECT_EQ(finished, 1U);
    EXPECT_TRUE(sum.waiting.empty());
    expect_one_new_certificate();
}

TEST_F(OverTheAir, a_certificate_is_in_force_before_it_is_sent) {
    std::vector<std::string> calls;
    registry_.after = [&](const std::string& call) { calls.push_back(call); };
    shadows_.strike = [&](const std::string& call) {
        calls.push_back(call);
        return Strike::none;
    };
    EXPECT_EQ(look(mac_.id())->state, AirState::asked);
    device_->step();
    device_->step();
    calls.clear();
    EXPECT_EQ(look(mac_.id())->state, AirState::answered);
    const auto at = [&](const std::string& call) { return std::ranges::find(calls, call); };
    EXPECT_LT(at("activate"), at("await_in_force"));
    EXPECT_LT(at("await_in_force"), at("update"));
    EXPECT_NE(at("update"), calls.end());
}

TEST_F(OverTheAir, a_thing_whose_board_nobody_knows_is_not_asked) {
    EXPECT_TRUE(registry_.ensure_thing("lamp-8", "", {}, {}));
    EXPECT_EQ(code_of(look("lamp-8")), "board_unknown");
    EXPECT_TRUE(shadows_.documents.empty());
}

// Each call to registry and shadow is refused, or its answer lost, once; the next look goes on.
TEST_F(OverTheAir, whichever_call_fails_the_next_look_goes_on) {
    std::size_t calls = 0;
    const auto count = [&](const std::string&) {
        ++calls;
        return Strike::none;
    };
    registry_.strike = count;
    shadows_.strike = count;
    EXPECT_EQ(go_on().state, AirState::finished);
    const std::size_t all = calls;
    ASSERT_GT(all, 10U);
    for (std::size_t at = 0; at < all; ++at)
        for (const Strike what : {Strike::refused, Strike::lost}) {
            SCOPED_TRACE(at);
            first_ = device_->id_in_force();
            calls = 0;
            const auto strike = [&, at, what](const std::string&) {
                return calls++ == at ? what : Strike::none;
            };
            registry_.strike = strike;
            shadows_.strike = strike;
            EXPECT_EQ(go_on().state, AirState::finished);
            expect_one_new_certificate();
            if (HasFailure()) return;
        }
    std::cout << all << " calls, each refused and each unanswered\n";
}

TEST_F(OverTheAir, a_hundred_devices_in_bad_weather_are_never_without) {
    constexpr unsigned devices = 100;
    registry_.strike = nullptr;
    std::vector<std::unique_ptr<AirDevice>> all;
    std::vector<std::string> things;
    std::minstd_rand random(20261130);
    const auto one_in = [&random](unsigned n) { return random() % n == 0; };
    for (unsigned i = 0; i < devices; ++i) {
        MacAddress mac = *parse_mac("240ac4010000");
        mac.octets[5] = static_cast<std::uint8_t>(i);
        all.push_back(prepared(mac));
        all.back()->loses = [&] { return one_in(4); };
        things.push_back(mac.id());
    }
    const auto weather = [&](const std::string&) {
        if (one_in(30)) return Strike::refused;
        return one_in(30) ? Strike::lost : Strike::none;
    };
    registry_.strike = weather;
    shadows_.strike = weather;
    std::set<std::string> pending(things.begin(), things.end());
    unsigned restarts = 0;
    unsigned cuts = 0;
    unsigned rounds = 0;
    for (; rounds < 400 && !pending.empty(); ++rounds) {
        for (const auto& device : all) {
            if (one_in(20)) {
                device->restart();
                ++restarts;
            }
            // The power goes at one of the next writes.
            if (!device->flash.cut_at && one_in(6)) {
                device->flash.operations = 0;
                device->flash.cut_at = random() % 40;
                device->flash.tear = static_cast<prepare::Tear>(random() % 4);
            }
            device->step();
            cuts += device->flash.dead ? 1 : 0;
            ASSERT_TRUE(device->is_in_force(device->id_in_force()))
                << device->thing() << " is without, in round " << rounds;
        }
        for (const auto& thing : things) {
            if (!pending.contains(thing) || one_in(3)) continue;
            const auto now = look(thing);
            // A device may give up, when its flash does not take what it writes: it is asked again.
            if (now && now->state == AirState::finished) pending.erase(thing);
        }
    }
    EXPECT_TRUE(pending.empty()) << pending.size() << " have no end";
    registry_.strike = nullptr;
    shadows_.strike = nullptr;
    for (const auto& device : all) {
        device->loses = [] { return false; };
        device->restart();
        device->step();
        EXPECT_EQ(device->way, AirDevice::Way::connected);
        std::size_t certificates = 0;
        for (const auto& [id, held] : registry_.certificates)
            if (held.things.contains(device->thing())) ++certificates;
        EXPECT_EQ(certificates, 1U) << device->thing();
    }
    EXPECT_EQ(registry_.active().size(), devices + 1) << "that of the test's own device";
    std::cout << rounds << " rounds, " << restarts << " restarts, " << cuts
              << " power cuts in writes\n";
}

}  // namespace
}  // namespace imprint::fleet
