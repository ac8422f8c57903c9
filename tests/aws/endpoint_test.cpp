#include "aws/endpoint.h"

#include "aws/support.h"

namespace imprint::aws {
namespace {

class EndpointTest : public testing::HomeTest {
  protected:
    std::string resolved(const std::string& given = "", const std::string& region = "eu-west-1") {
        auto url = resolve_endpoint(environment(), profile_, given, region);
        return url ? *url : url.error().code;
    }

    // Of another service, as the providers ask.
    std::string of_service(const AwsService& service, const std::string& region = "eu-west-1") {
        const auto files = read_profile(environment(), profile_);
        EXPECT_TRUE(files) << files.error().describe();
        auto url = service_endpoint(environment(), *files, service, region);
        return url ? *url : url.error().code;
    }

    std::string of_data(const std::string& given = "", const std::string& region = "eu-west-1") {
        auto url = resolve_data_endpoint(environment(), profile_, given, region);
        return url ? *url : url.error().code;
    }

    std::string profile_;
};

TEST_F(EndpointTest, is_the_regions_own_by_default) {
    EXPECT_EQ(resolved(), "https://iot.eu-west-1.amazonaws.com");
    EXPECT_EQ(resolved("", "cn-north-1"), "https://iot.cn-north-1.amazonaws.com.cn");
}

// As botocore 1.43.11 resolves them; botocore_test.cpp asks the one that is installed.
TEST_F(EndpointTest, each_partition_has_its_domain) {
    EXPECT_EQ(resolved("", "us-gov-west-1"), "https://iot.us-gov-west-1.amazonaws.com");
    EXPECT_EQ(resolved("", "eusc-de-east-1"), "https://iot.eusc-de-east-1.amazonaws.eu");
    EXPECT_EQ(resolved("", "us-iso-east-1"), "https://iot.us-iso-east-1.c2s.ic.gov");
    EXPECT_EQ(resolved("", "us-isob-east-1"), "https://iot.us-isob-east-1.sc2s.sgov.gov");
    EXPECT_EQ(resolved("", "eu-isoe-west-1"), "https://iot.eu-isoe-west-1.cloud.adc-e.uk");
    EXPECT_EQ(resolved("", "us-isof-south-1"), "https://iot.us-isof-south-1.csp.hci.ic.gov");
    EXPECT_EQ(resolved("", "us-east-1a b"), "region_invalid");
    EXPECT_EQ(resolved("", "fips-us-east-1"), "region_invalid");
    EXPECT_EQ(resolved("https://given.example", "eu-west-1 "), "region_invalid");
}

TEST_F(EndpointTest, fips_and_dual_stack_addresses_are_taken_where_they_are_asked_for) {
    variables["AWS_USE_FIPS_ENDPOINT"] = "true";
    EXPECT_EQ(resolved("", "us-east-1"), "https://iot-fips.us-east-1.amazonaws.com");
    EXPECT_EQ(of_service(sts_service, "us-east-1"), "https://sts-fips.us-east-1.amazonaws.com");
    EXPECT_EQ(of_service(sts_service, ""), "https://sts-fips.us-east-1.amazonaws.com");
    EXPECT_EQ(of_service(sso_service, "us-east-1"),
              "https://portal.sso-fips.us-east-1.amazonaws.com");
    EXPECT_EQ(resolved("", "us-gov-west-1"), "https://iot-fips.us-gov-west-1.amazonaws.com");
    EXPECT_EQ(of_service(sts_service, "us-gov-west-1"), "https://sts.us-gov-west-1.amazonaws.com");
    EXPECT_EQ(resolved("https://given.example"), "https://given.example");
    variables["AWS_USE_DUALSTACK_ENDPOINT"] = "True\n";
    EXPECT_EQ(resolved("", "us-east-1"), "https://iot-fips.us-east-1.api.aws");
    EXPECT_EQ(of_service(sts_service, "us-gov-west-1"), "https://sts-fips.us-gov-west-1.api.aws");
    variables["AWS_USE_FIPS_ENDPOINT"] = "false";
    write(".aws/config", "[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n");
    EXPECT_EQ(resolved("", "cn-north-1"), "https://iot.cn-north-1.api.amazonwebservices.com.cn");
    variables.clear();
    EXPECT_EQ(resolved("", "us-east-1"), "https://iot-fips.us-east-1.api.aws");
    variables["AWS_USE_FIPS_ENDPOINT"] = "yes";
    EXPECT_EQ(resolved("", "us-east-1"), "endpoint_variant");
    variables.clear();
    write(".aws/config", "[default]\nuse_dualstack_endpoint = 1\n");
    EXPECT_EQ(resolved("", "us-east-1"), "endpoint_variant");
}

TEST_F(EndpointTest, the_data_plane_has_an_address_of_its_own_at_aws_and_none_elsewhere) {
    EXPECT_EQ(of_data(), "https://data-ats.iot.eu-west-1.amazonaws.com");
    EXPECT_EQ(of_data("", "cn-north-1"), "https://data-ats.iot.cn-north-1.amazonaws.com.cn");
    for (const char* aws :
         {"https://iot-fips.us-east-1.amazonaws.com",
          "https://vpce-1-2.iot.us-east-1.vpce.amazonaws.com", "https://iot.us-east-1.api.aws",
          "https://iot.cn-north-1.amazonaws.com.cn",
          "https://iot.cn-north-1.api.amazonwebservices.com.cn"})
        EXPECT_EQ(of_data(aws), "https://data-ats.iot.eu-west-1.amazonaws.com") << aws;
    for (const char* other :
         {"http://127.0.0.1:4000", "https://amazonaws.com.example", "https://registry.example"})
        EXPECT_EQ(of_data(other), other);
    EXPECT_EQ(of_data("http://registry.example"), "registry_url");
    EXPECT_EQ(of_data("", "fips-us-east-1"), "region_invalid");
    variables["AWS_ENDPOINT_URL"] = "https://all.example";
    EXPECT_EQ(of_data(), "https://all.example");
    variables["AWS_ENDPOINT_URL_IOT_DATA_PLANE"] = "https://data.example";
    EXPECT_EQ(of_data(), "https://data.example");
    EXPECT_EQ(resolved(), "https://all.example");
}

TEST_F(EndpointTest, what_is_given_wins_over_the_service_s_variable_and_that_over_the_general_one) {
    variables["AWS_ENDPOINT_URL"] = "https://all.example";
    EXPECT_EQ(resolved(), "https://all.example");
    variables["AWS_ENDPOINT_URL_IOT"] = "https://iot.example";
    EXPECT_EQ(resolved(), "https://iot.example");
    EXPECT_EQ(resolved("https://given.example"), "https://given.example");
    variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
    EXPECT_EQ(resolved(), "https://iot.eu-west-1.amazonaws.com");
}

// In the order in which botocore 1.43 takes them; Debian's knows none of a file's.
TEST_F(EndpointTest, a_profile_may_name_one_for_all_or_by_a_services_section) {
    write(".aws/config", R"([default]
endpoint_url = https://default.example
[profile line]
services = local
endpoint_url = https://line.example
region = eu-west-1
[profile plain]
region = eu-west-1
[profile lost]
services = nowhere
[profile off]
endpoint_url = https://off.example
ignore_configured_endpoint_urls = True
[services local]
sts =
    endpoint_url = https://sts.example
iot =
    region = us-east-1
    endpoint_url = https://iot.local.example  # the bench
    other = 1
sso_oidc =
  endpoint_url = https://oidc.example
s3 = 1
    endpoint_url = https://not-nested.example
)");
    EXPECT_EQ(resolved(), "https://default.example");
    EXPECT_EQ(of_service(sts_service), "https://default.example");
    profile_ = "line";
    EXPECT_EQ(resolved(), "https://iot.local.example");
    EXPECT_EQ(of_service(sts_service), "https://sts.example");
    EXPECT_EQ(of_service(sso_oidc_service), "https://oidc.example");
    EXPECT_EQ(of_service(sso_service), "https://line.example");
    EXPECT_EQ(of_service({.variable = "S3", .host = "s3"}), "https://line.example");
    EXPECT_EQ(resolved("https://given.example"), "https://given.example");
    profile_ = "plain";
    EXPECT_EQ(resolved(), "https://iot.eu-west-1.amazonaws.com");
    EXPECT_EQ(of_service(sts_service), "https://sts.eu-west-1.amazonaws.com");
    profile_ = "lost";
    EXPECT_EQ(resolved(), "services_missing");
    profile_ = "off";
    EXPECT_EQ(resolved(), "https://iot.eu-west-1.amazonaws.com");
    variables["AWS_ENDPOINT_URL"] = "https://all.example";
    EXPECT_EQ(resolved(), "https://iot.eu-west-1.amazonaws.com") << "the profile ignores it too";
    variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "false";
    EXPECT_EQ(resolved(), "https://all.example") << "the variable goes first";
    profile_ = "line";
    EXPECT_EQ(resolved(), "https://all.example");
    variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "TRUE";
    EXPECT_EQ(resolved(), "https://iot.eu-west-1.amazonaws.com");
    profile_ = "";
    variables["AWS_PROFILE"] = "line";
    variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "";
    variables.erase("AWS_ENDPOINT_URL");
    EXPECT_EQ(resolved(), "https://iot.local.example");
    variables["AWS_ENDPOINT_URL_IOT"] = "https://variable.example";
    EXPECT_EQ(resolved(), "https://variable.example");
}

TEST_F(EndpointTest, nothing_leaves_this_machine_in_the_clear) {
    EXPECT_EQ(resolved("http://127.0.0.1:8000"), "http://127.0.0.1:8000");
    EXPECT_EQ(resolved("http://registry.example"), "registry_url");
    EXPECT_EQ(resolved("ftp://registry.example"), "registry_url");
    EXPECT_EQ(resolved("https://name:word@registry.example"), "registry_url");
    EXPECT_EQ(resolved("https://registry.example/?x"), "registry_url");
    EXPECT_EQ(resolved("https://registry.example#x"), "registry_url");
    EXPECT_EQ(resolved("https://a b.example"), "registry_url");
}

TEST_F(EndpointTest, a_password_in_an_address_is_not_repeated) {
    const auto url = resolve_endpoint(environment(), "", "https://name:canary@host", "eu-west-1");
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().describe().find("canary"), std::string::npos);
}

TEST_F(EndpointTest, a_region_cannot_lead_to_another_host) {
    for (const char* region : {"", "evil.example/", "eu west", "EU-WEST-1", "a@b"})
        EXPECT_EQ(resolved("", region), "region_invalid") << region;
}

TEST_F(EndpointTest, authorities_come_from_the_variable_then_the_profile) {
    EXPECT_TRUE(find_trust(environment(), "")->ca_bundle.empty());
    write(".aws/config", "[default]\nca_bundle = ~/profile.pem\n");
    EXPECT_EQ(find_trust(environment(), "")->ca_bundle, home() / "profile.pem");
    variables["AWS_CA_BUNDLE"] = "/etc/variable.pem";
    EXPECT_EQ(find_trust(environment(), "")->ca_bundle, "/etc/variable.pem");
}

}  // namespace
}  // namespace imprint::aws
