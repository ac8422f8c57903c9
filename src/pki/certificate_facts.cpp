// What a list of certificates tells of each, without reading the rest: OpenSSL's d2i_X509 decodes
// the public key too, which takes fifty times as long. Source: RFC 5280, 4.1 (TBSCertificate).
#include <algorithm>
#include <memory>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <optional>

#include "base/digest.h"
#include "pki/certificate.h"
#include "pki/openssl.h"

namespace imprint::pki {

namespace {

// One value after the other, of what is left of the DER.
class Der {
  public:
    explicit Der(ByteView bytes) : left_(bytes) {}

    struct Value {
        int tag = 0;
        ByteView whole;    // with its tag and length
        ByteView content;  //
    };

    // Nothing: there is none, or it is not whole.
    [[nodiscard]] std::optional<Value> next() {
        const unsigned char* at = left_.data();
        long length = 0;
        int tag = 0;
        int kind = 0;
        constexpr int damaged = 0x80;  // ASN1_get_object(3)
        constexpr int indefinite = 0x01;
        const int got = ASN1_get_object(&at, &length, &tag, &kind, static_cast<long>(left_.size()));
        if ((got & (damaged | indefinite)) != 0) return std::nullopt;
        const auto head = static_cast<std::size_t>(at - left_.data());
        const auto size = static_cast<std::size_t>(length);
        if (size > left_.size() - head) return std::nullopt;
        Value value{tag | (kind == V_ASN1_CONTEXT_SPECIFIC ? V_ASN1_CONTEXT_SPECIFIC : 0),
                    left_.first(head + size), left_.subspan(head, size)};
        left_ = left_.subspan(head + size);
        return value;
    }

    [[nodiscard]] std::optional<Value> next(int tag) {
        auto value = next();
        return value && value->tag == tag ? value : std::nullopt;
    }

  private:
    ByteView left_;
};

std::optional<WallTime> time_of(const std::optional<Der::Value>& value) {
    if (!value) return std::nullopt;
    const unsigned char* at = value->whole.data();
    const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> time(
        d2i_ASN1_TIME(nullptr, &at, static_cast<long>(value->whole.size())), &ASN1_TIME_free);
    return time ? wall_time_of(time.get()) : std::nullopt;
}

std::optional<CertificateFacts> facts_of(ByteView der) {
    const auto certificate = Der(der).next(V_ASN1_SEQUENCE);
    if (!certificate) return std::nullopt;
    const auto signed_part = Der(certificate->content).next(V_ASN1_SEQUENCE);
    if (!signed_part) return std::nullopt;
    Der fields(signed_part->content);
    auto serial = fields.next();
    if (serial && serial->tag == V_ASN1_CONTEXT_SPECIFIC) serial = fields.next();  // the version
    if (!serial || serial->tag != V_ASN1_INTEGER || serial->content.empty()) return std::nullopt;
    const bool has_algorithm_and_issuer =
        fields.next(V_ASN1_SEQUENCE) && fields.next(V_ASN1_SEQUENCE);
    const auto validity =
        has_algorithm_and_issuer ? fields.next(V_ASN1_SEQUENCE) : std::optional<Der::Value>();
    if (!validity) return std::nullopt;
    Der times(validity->content);
    const auto not_before = time_of(times.next());
    const auto not_after = time_of(times.next());
    const auto subject = fields.next(V_ASN1_SEQUENCE);
    const auto public_key = fields.next(V_ASN1_SEQUENCE);
    if (!not_before || !not_after || !subject || !public_key) return std::nullopt;
    std::string text = to_hex(serial->content);
    text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
    return CertificateFacts{std::move(text), *not_before, *not_after,
                            to_hex(sha256(public_key->whole))};
}

}  // namespace

Result<CertificateFacts> read_certificate_facts(std::string_view pem) {
    const Bio bio = read_only_bio(pem);
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long length = 0;
    const bool read = PEM_read_bio(bio.get(), &name, &header, &data, &length) == 1;
    const auto free_it = [](void* memory) { OPENSSL_free(memory); };
    const std::unique_ptr<char, decltype(free_it)> name_held(name, free_it);
    const std::unique_ptr<char, decltype(free_it)> header_held(header, free_it);
    const std::unique_ptr<unsigned char, decltype(free_it)> data_held(data, free_it);
    std::optional<CertificateFacts> facts;
    if (read && std::string_view(name) == PEM_STRING_X509)
        facts = facts_of(ByteView(data, static_cast<std::size_t>(length)));
    ERR_clear_error();
    if (facts) return *std::move(facts);
    return fail(ErrorKind::config, "certificate_damaged", "the certificate is not readable",
                "give an X.509 certificate in PEM");
}

}  // namespace imprint::pki
