#include "policy/context.h"

#include <gmock/gmock.h>

namespace imprint::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Context full() {
    return {.client_id = "lamp",
            .thing = Thing{.name = "lamp", .type = "T", .attributes = {{"Line", "7"}}},
            .certificate_id = "c0ffee",
            .source_ip = "127.0.0.1",
            .domain_name = "localhost",
            .certificate = {{"Subject.CommonName", {"x", "y"}}, {"SerialNumber", {"0a"}}}};
}

TEST(PolicyContext, keys_have_the_values_of_who_asks) {
    const Context context = full();
    EXPECT_THAT(values_of(context, "iot:ClientId"), ElementsAre("lamp"));
    EXPECT_THAT(values_of(context, "iot:Connection.Thing.ThingName"), ElementsAre("lamp"));
    EXPECT_THAT(values_of(context, "iot:Connection.Thing.ThingTypeName"), ElementsAre("T"));
    EXPECT_THAT(values_of(context, "iot:Connection.Thing.Attributes[Line]"), ElementsAre("7"));
    EXPECT_THAT(values_of(context, "iot:Connection.Thing.Attributes[line]"), IsEmpty());
    EXPECT_THAT(values_of(context, "iot:Connection.Thing.IsAttached"), ElementsAre("true"));
    EXPECT_THAT(values_of(context, "iot:CertificateId"), ElementsAre("c0ffee"));
    EXPECT_THAT(values_of(context, "aws:sourceip"), ElementsAre("127.0.0.1"));
    EXPECT_THAT(values_of(context, "iot:DomainName"), ElementsAre("localhost"));
}

TEST(PolicyContext, a_thing_that_is_not_attached_has_no_values) {
    Context context = full();
    context.thing.reset();
    for (const char* key : {"iot:Connection.Thing.ThingName", "iot:Connection.Thing.ThingTypeName",
                            "iot:Connection.Thing.Attributes[Line]"})
        EXPECT_THAT(values_of(context, key), IsEmpty()) << key;
    EXPECT_THAT(values_of(context, "iot:Connection.Thing.IsAttached"), ElementsAre("false"));
}

TEST(PolicyContext, a_certificates_attribute_has_a_first_an_nth_and_all_values) {
    Context context = full();
    EXPECT_THAT(values_of(context, "iot:Certificate.Subject.CommonName"), ElementsAre("x"));
    EXPECT_THAT(values_of(context, "iot:Certificate.Subject.CommonName.1"), ElementsAre("y"));
    EXPECT_THAT(values_of(context, "iot:Certificate.Subject.CommonName.2"), IsEmpty());
    EXPECT_THAT(values_of(context, "iot:Certificate.Subject.CommonName.List"),
                ElementsAre("x", "y"));
    EXPECT_THAT(values_of(context, "iot:Certificate.Subject.Country"), IsEmpty());
    EXPECT_THAT(values_of(context, "iot:Certificate.SerialNumber"), ElementsAre("0a"));
    EXPECT_THAT(values_of(context, "iot:Certificate.AvailableKeys"),
                ElementsAre("iot:Certificate.SerialNumber", "iot:Certificate.Subject.CommonName"));
    context.certificate["Subject.Country"] = {"1", "2", "3", "4", "5", "6"};
    EXPECT_EQ(values_of(context, "iot:Certificate.Subject.Country.List").size(), 5);
    EXPECT_THAT(values_of(context, "iot:Certificate.Subject.Country.5"), IsEmpty());
}

TEST(PolicyContext, a_certificates_value_with_a_wildcard_or_too_long_counts_as_none) {
    Context context = full();
    for (const std::string& value : {std::string("*"), std::string("a?"), std::string(1025, 'a')}) {
        context.certificate["Subject.CommonName"] = {value};
        EXPECT_THAT(values_of(context, "iot:Certificate.Subject.CommonName"), IsEmpty()) << value;
    }
}

TEST(PolicyContext, keys_that_aws_documents_are_known) {
    for (const char* key :
         {"iot:ClientId", "IOT:CLIENTID", "iot:Connection.Thing.Attributes[x]",
          "iot:Certificate.Issuer.Title", "iot:Certificate.Subject.AlternativeName.DNSName.List",
          "iot:Certificate.SerialNumber", "iot:Certificate.AvailableKeys"})
        EXPECT_TRUE(is_known_key(key)) << key;
    for (const char* key :
         {"iot:Thing.ThingName", "iot:Connection.Thing.Attributes[]", "", "iot:Certificate.Subject",
          "iot:Certificate.Subject.Nose", "aws:username"})
        EXPECT_FALSE(is_known_key(key)) << key;
}

}  // namespace
}  // namespace imprint::policy
